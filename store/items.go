package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store/internal/duck"
	"github.com/recsys-lite/recsys/store/internal/semantics"
)

// UpsertItems adds items or replaces those of the same id, in one transaction. Of several
// with one id the last counts.
func (db *DB) UpsertItems(ctx context.Context, items []recsys.Item) error {
	last, err := lastOf(items, semantics.CheckItem, func(it *recsys.Item) string { return it.ID })
	if err != nil {
		return fmt.Errorf("store: upsert items: %w", err)
	}
	if len(last) == 0 {
		return ctx.Err()
	}
	return db.write(ctx, "upsert items", func(c *duck.Conn) error {
		return describedItems.replace(ctx, c, func() error { return stageAll(ctx, c, last, itemRow) })
	})
}

func itemRow(a *duck.Appender, it *recsys.Item) error {
	attributes, err := attributesText(it.Attributes)
	if err != nil {
		return fmt.Errorf("attributes of item %.80q: %w", it.ID, err)
	}
	a.String(0, it.ID)
	a.String(1, it.Title)
	a.String(2, it.Category)
	a.String(3, it.Brand)
	if it.Price != nil {
		a.Float64(4, *it.Price)
	} else {
		a.Null(4)
	}
	a.String(5, it.ImgURL)
	a.Bool(6, !it.Unavailable)
	a.Bytes(7, attributes)
	return nil
}

// Items returns the items of the catalogue by id order (recsys.CompareIDs).
func (db *DB) Items(ctx context.Context) ([]recsys.Item, error) {
	var items []recsys.Item
	err := db.read(ctx, "read the items", func(c *duck.Conn) (err error) {
		items, err = readItems(ctx, c)
		return err
	})
	return items, err
}

func readItems(ctx context.Context, c *duck.Conn) ([]recsys.Item, error) {
	items := []recsys.Item{}
	err := c.Query(ctx, `SELECT item_id, title, category, brand, price, img_url, available, attributes
		FROM items ORDER BY strlen(item_id), item_id`, nil, func(k *duck.Chunk) error {
		prices, available := k.Float64(4), k.Bool(6)
		for r := range k.Len() {
			it := recsys.Item{ID: k.String(0, r), Title: k.String(1, r), Category: k.String(2, r),
				Brand: k.String(3, r), ImgURL: k.String(5, r), Unavailable: !available[r]}
			if !k.Null(4, r) {
				price := prices[r]
				it.Price = &price
			}
			if text := k.String(7, r); text != "{}" {
				if err := json.Unmarshal([]byte(text), &it.Attributes); err != nil {
					return fmt.Errorf("attributes of item %.80q: %w", it.ID, err)
				}
			}
			items = append(items, it)
		}
		return nil
	})
	return items, err
}
