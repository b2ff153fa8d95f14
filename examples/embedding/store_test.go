package embedding_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store/memstore"
)

// pseudonymous is a store that never sees the shop's user ids, only their keyed hashes.
type pseudonymous struct {
	recsys.Store
	key []byte
}

func (p pseudonymous) pseudonym(userID string) string {
	h := hmac.New(sha256.New, p.key)
	h.Write([]byte(userID))
	return hex.EncodeToString(h.Sum(nil)[:8])
}

func (p pseudonymous) AppendEvents(ctx context.Context, events []recsys.Event) error {
	masked := make([]recsys.Event, len(events))
	for i, e := range events {
		e.UserID = p.pseudonym(e.UserID)
		masked[i] = e
	}
	return p.Store.AppendEvents(ctx, masked)
}

func (p pseudonymous) UserEvents(ctx context.Context, userID string) ([]recsys.Event, error) {
	return p.Store.UserEvents(ctx, p.pseudonym(userID))
}

func Example_ownStore() {
	ctx := context.Background()
	db := pseudonymous{memstore.New(), []byte("a secret of the shop")}
	check(db.AppendEvents(ctx, purchases()))
	events, err := db.UserEvents(ctx, "u0")
	check(err)
	fmt.Println(len(events), "events of", events[0].UserID)
	answer, err := serve(ctx, db).Recommend(ctx, recsys.Request{UserID: db.pseudonym("u0"), K: 1})
	check(err)
	fmt.Println("next:", answer.Items[0].Item.ID)
	// Output:
	// 2 events of 1f1ef1b2c4cc4497
	// next: mug
}
