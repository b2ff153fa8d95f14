package strata

import (
	"context"
	"sync"

	"github.com/recsys-lite/recsys/internal/par"
)

// Rounds calls body for every block of what was dealt; body may Open the block. A block waits for the one
// of the round before that had its users and the one that had its items; lockFree leaves out the
// waiting for items, so that blocks under way may share some. after, if set, is called after each
// round, when all its blocks are done. A worker index is as in par.Chunks.
func (s *Strata) Rounds(ctx context.Context, workers int, lockFree bool, body func(worker, b, c int), after func()) error {
	t := turns{done: make([]int, s.P)}
	t.changed.L = &t.mu
	together := s.P
	if after != nil {
		together = 1
	}
	for first := 0; first < s.P; first += together {
		// Chunks starts blocks in order: those that one waits for are done or under way.
		err := par.Chunks(ctx, together*s.P, 1, workers, func(worker, at, _ int) error {
			round, b := first+at/s.P, at%s.P
			t.await(b, round)
			if !lockFree {
				t.await((b+1)%s.P, round)
			}
			s.refill(b, round)
			body(worker, b, (b+round)%s.P)
			t.end(b)
			return nil
		})
		if err != nil {
			return err
		}
		if after != nil {
			after()
		}
	}
	return nil
}

// turns counts the rounds that each user block has done.
type turns struct {
	mu      sync.Mutex
	changed sync.Cond
	done    []int
}

// await returns when user block b has done so many rounds.
func (t *turns) await(b, rounds int) {
	t.mu.Lock()
	for t.done[b] < rounds {
		t.changed.Wait()
	}
	t.mu.Unlock()
}

// end counts a round of user block b.
func (t *turns) end(b int) {
	t.mu.Lock()
	t.done[b]++
	t.mu.Unlock()
	t.changed.Broadcast()
}
