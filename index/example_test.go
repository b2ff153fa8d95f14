package index_test

import (
	"context"
	"fmt"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/index"
)

func Example() {
	ctx := context.Background()
	items := recsys.Matrix{Rows: 4, Cols: 2, Data: []float32{
		1, 0,
		0, 1,
		2, 2,
		3, -1,
	}}
	x, err := index.Build(ctx, index.KindHNSW, items, index.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	user := []float32{1, 0.5}
	top, _ := x.Search(ctx, user, 2, nil)
	fmt.Println(top)

	inStock := recsys.FullBitset(4)
	inStock.Clear(2)
	top, _ = x.Search(ctx, user, 2, inStock)
	fmt.Println(top)

	_ = x.Add(ctx, []int32{4}, []float32{5, 5})
	saved, _ := x.MarshalBinary()
	y, err := index.Open(saved, index.Search{})
	if err != nil {
		fmt.Println(err)
		return
	}
	top, _ = y.Search(ctx, user, 1, nil)
	fmt.Println(y.Len(), top)
	// Output:
	// [{2 3} {3 2.5}]
	// [{3 2.5} {0 1}]
	// 5 [{4 7.5}]
}
