package journal_test

import (
	"context"
	"fmt"
	"os"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/journal"
)

func Example() {
	dir, err := os.MkdirTemp("", "journal")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	j, err := journal.Open(dir, journal.Options{})
	if err != nil {
		panic(err)
	}
	first, err := j.Append(context.Background(), []recsys.Event{{UserID: "ann", ItemID: "tea", Time: 1_700_000_000, Qty: 1}})
	fmt.Println("on disk as number", first, err)
	fmt.Println(j.Close())

	segments, _ := journal.Segments(dir) // the worker's side
	records, _ := segments[0].Read()
	fmt.Println(segments[0].Journal == j.ID(), records.Seqs, records.Events[0].UserID)
	// Output:
	// on disk as number 1 <nil>
	// <nil>
	// true [1] ann
}
