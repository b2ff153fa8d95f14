package embedding_test

import (
	"context"
	"fmt"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
)

// shelves is an index of one's own. Whatever finds large inner products will do: a library, a
// service, special hardware.
type shelves struct {
	dim     int
	vectors map[int32][]float32
}

func (s *shelves) Dim() int { return s.dim }
func (s *shelves) Len() int { return len(s.vectors) }

func (s *shelves) Add(_ context.Context, ids []int32, vectors []float32) error {
	for n, id := range ids {
		s.vectors[id] = append([]float32(nil), vectors[n*s.dim:(n+1)*s.dim]...)
	}
	return nil
}

func (s *shelves) Remove(ids []int32) {
	for _, id := range ids {
		delete(s.vectors, id)
	}
}

func (s *shelves) Search(ctx context.Context, query []float32, k int, allowed *recsys.Bitset) ([]recsys.Scored, error) {
	scores := make([]float32, len(s.vectors))
	for id, v := range s.vectors {
		for f, x := range v {
			scores[id] += x * query[f]
		}
	}
	return recsys.TopK(scores, k, allowed), ctx.Err()
}

func Example_ownIndex() {
	ctx := context.Background()
	m, data := train(ctx, open(ctx))
	vectors := m.ItemVectors()
	index := &shelves{dim: vectors.Cols, vectors: map[int32][]float32{}}
	for item := range vectors.Rows {
		check(index.Add(ctx, []int32{int32(item)}, vectors.Row(item)))
	}
	snapshot := model.NewArtifact("als", m, data, nil).Snapshot()
	snapshot.Index = index
	engine, err := recsys.NewEngine(snapshot)
	check(err)
	answer, err := engine.Recommend(ctx, recsys.Request{UserID: "u1", K: 1, Approximate: true})
	check(err)
	fmt.Println(answer.Items[0].Item.ID)
	// Output: mug
}
