package store

import (
	"fmt"
	"strings"
)

var itemColumns = []string{"item_id", "title", "category", "brand", "price", "img_url", "available"}

var itemsKind = fileKind{
	name:     "items",
	required: []string{"item_id"},
	known:    itemColumns,
	rows:     itemRows,
	insert:   describedItems.importRows(`item_id, title, category, brand, price, img_url, coalesce(available, true), attributes`),
}

func itemRows(s *source) rowQuery {
	id, _ := s.column("item_id")
	text := func(name string) string {
		if c, ok := s.column(name); ok {
			return textExpr(c)
		}
		return "''"
	}
	price, priceRaw := "NULL::DOUBLE", "NULL::VARCHAR"
	if c, ok := s.column("price"); ok {
		price, priceRaw = numberExpr(c), "nullif(trim("+c.expr+"::VARCHAR), '')"
	}
	available, availableRaw := "true", "NULL::VARCHAR"
	if c, ok := s.column("available"); ok {
		availableRaw = "nullif(trim(" + c.expr + "::VARCHAR), '')"
		available = booleanExpr(availableRaw)
	}
	inner := fmt.Sprintf(`(SELECT %s AS row, %s AS fault, %s AS raw, %s AS item_id, %s AS title, %s AS category, %s AS brand,
		%s AS price, %s AS img_url, %s AS available, %s AS attributes, %s AS raw_item, %s AS raw_price, %s AS raw_available FROM %s)`,
		s.row, s.fault, s.raw, idExpr(id), text("title"), text("category"), text("brand"), price, text("img_url"),
		available, s.attributes(itemColumns), id.expr, priceRaw, availableRaw, s.from)
	from, good := describedItems.latest(inner,
		`fault IS NULL AND item_id <> '' AND (raw_price IS NULL OR price >= 0) AND (raw_available IS NULL OR available IS NOT NULL)`)
	return rowQuery{
		from: from,
		good: good,
		faults: []fault{
			{"fault IS NOT NULL", "fault", "raw"},
			{"raw_item IS NULL OR raw_item::VARCHAR = ''", "'missing item_id'", "NULL"},
			{"item_id IS NULL", "'item_id is neither text nor a whole number'", "raw_item"},
			{"price < 0", "'negative price'", "raw_price"},
			{"raw_price IS NOT NULL AND price IS NULL", "'price is not a number'", "raw_price"},
			{"raw_available IS NOT NULL AND available IS NULL", "'available is neither true nor false'", "raw_available"},
			{"true", "'the item_id occurs again below'", "item_id"},
		},
	}
}

// attributes is the JSON object of the columns that are not known.
func (s *source) attributes(known []string) string {
	var pairs []string
	for _, name := range s.others(known) {
		c, _ := s.column(strings.TrimSpace(name))
		pairs = append(pairs, fmt.Sprintf("%s, nullif(%s::VARCHAR, '')", literal(strings.TrimSpace(name)), c.expr))
	}
	if pairs == nil {
		return "'{}'"
	}
	// A merge patch (RFC 7396) drops the members that are null.
	return "json_merge_patch('{}', json_object(" + strings.Join(pairs, ", ") + "))::VARCHAR"
}

// booleanExpr reads the usual spellings of true and false.
func booleanExpr(text string) string {
	return fmt.Sprintf(`(CASE WHEN lower(%[1]s) IN ('true', 't', 'yes', 'y', '1', '1.0', 'in stock') THEN true
		WHEN lower(%[1]s) IN ('false', 'f', 'no', 'n', '0', '0.0', 'out of stock') THEN false END)`, text)
}
