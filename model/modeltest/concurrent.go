package modeltest

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys"
)

// Reading is safe beside anything. Run the suite with -race too.
func concurrentLaws() []law {
	return []law{
		{"concurrent/readers", concurrentReaders},
		{"concurrent/fit", concurrentFit},
	}
}

// inParallel runs each body on its own goroutine and returns the first error.
func inParallel(n int, body func(g int) error) error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for g := range n {
		wg.Go(func() { errs[g] = body(g) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// concurrentReaders: many at once get what one alone gets.
func concurrentReaders(t rapid.TB, f *fixture) {
	m := f.shared(t)
	want := f.allScores(t, m)
	require.NoError(t, inParallel(8, func(g int) error {
		got := make([]float32, f.o.Size)
		for u := range f.o.Size {
			u = (u*7 + g) % f.o.Size
			q := recsys.Query{User: int32(u), History: f.toy.histories[u], K: 5}
			if err := m.Scores(context.Background(), q, got); err != nil {
				return err
			}
			if !slices.Equal(want[u], got) {
				return fmt.Errorf("user %d gets other scores beside others than alone", u)
			}
			top, err := m.Recommend(context.Background(), q)
			if err != nil {
				return err
			}
			if !slices.Equal(recsys.TopK(got, 5, nil), top) {
				return fmt.Errorf("user %d gets another ranking beside others than alone", u)
			}
		}
		return nil
	}))
}

// concurrentFit: while a model is fitted again and its users are updated, every answer comes
// wholly from one of the states it goes through.
func concurrentFit(t rapid.TB, f *fixture) {
	n := f.o.Size
	a, b := f.toy, newMixed(16, n, n, f.kind.Needs)
	q := recsys.Query{User: 1, History: a.histories[1], K: 5}
	// A user other than the one who is asked for: where his events answer for others, too,
	// the update is a state of its own.
	update := func(m recsys.Model) error {
		return m.PartialFitUsers(context.Background(), []int32{0}, rowsOf(a.histories[:1], n))
	}
	var states [][]float32
	m := f.fitted(t, a.Dataset, recsys.Run{})
	for _, d := range []*recsys.Dataset{b.Dataset, a.Dataset} {
		require.NoError(t, m.Fit(context.Background(), d))
		states = append(states, scores(t, m, q))
		require.NoError(t, update(m))
		states = append(states, scores(t, m, q))
	}
	m = f.fitted(t, a.Dataset, recsys.Run{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, d := range []*recsys.Dataset{b.Dataset, a.Dataset} {
			if m.Fit(context.Background(), d) != nil {
				return
			}
			if update(m) != nil {
				return
			}
		}
	}()
	err := inParallel(4, func(int) error {
		got := make([]float32, n)
		for {
			if err := m.Scores(context.Background(), q, got); err != nil {
				return err
			}
			if !slices.ContainsFunc(states, func(s []float32) bool { return slices.Equal(s, got) }) {
				return fmt.Errorf("an answer that no state of the model gives: %v", got)
			}
			if _, err := m.Recommend(context.Background(), q); err != nil {
				return err
			}
			if s, ok := m.(recsys.SimilarItems); ok {
				if _, err := s.SimilarItems(context.Background(), 0, 3, nil); err != nil {
					return err
				}
			}
			select {
			case <-done:
				return nil
			default:
			}
		}
	})
	<-done
	require.NoError(t, err)
	require.Equal(t, states[3], scores(t, m, q), "the last state is in force")
}
