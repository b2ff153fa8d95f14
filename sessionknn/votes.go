package sessionknn

import (
	"slices"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/sessions"
	"github.com/recsys-lite/recsys/internal/topk"
)

// clue is one distinct item of the session at hand.
type clue struct {
	item   int32
	weight float32 // w
	match  float32 // λ of a neighbour whose latest shared item this is
}

// evidence reads the clues from a query, the latest item first.
func (m *Model) evidence(p *parameters, q *recsys.Query) []clue {
	switch h := &q.History; {
	case len(h.Sequence) > 0:
		return m.ordered(sessions.Last(h, m.cfg.gap()))
	case len(h.Items) > 0:
		return m.unordered(h)
	case q.User != recsys.NoUser && p.latest[q.User] >= 0:
		return m.unordered(&recsys.History{Items: p.sessions[p.latest[q.User]].items})
	}
	return nil
}

func (m *Model) ordered(events []int32, times []int64) []clue {
	clues := make([]clue, 0, min(len(events), m.cfg.MaxItems))
	later := 0
	for at := len(events) - 1; at >= 0; at-- {
		if times == nil || at+1 < len(events) && times[at] != times[at+1] {
			later = len(events) - 1 - at
		}
		item := events[at]
		if slices.ContainsFunc(clues, func(c clue) bool { return c.item == item }) {
			continue
		}
		if len(clues) == m.cfg.MaxItems {
			break
		}
		w := m.cfg.Decay.weight(later, len(events))
		clues = append(clues, clue{item: item, weight: w, match: w})
	}
	return clues
}

func (d Decay) weight(later, events int) float32 {
	switch d {
	case Linear:
		return 1 - float32(later)/float32(events)
	case None:
		return 1
	default:
		return 1 / float32(1+later)
	}
}

// unordered takes the heaviest items of a set.
func (m *Model) unordered(h *recsys.History) []clue {
	heap := topk.New(min(m.cfg.MaxItems, len(h.Items)))
	for x, i := range h.Items {
		w := float32(1)
		if h.Weights != nil {
			w = h.Weights[x]
		}
		heap.Push(i, w)
	}
	items, weights := heap.Sorted()
	clues := make([]clue, len(items))
	for x, i := range items {
		clues[x] = clue{item: i, weight: weights[x], match: 1}
	}
	return clues
}

// votes is the scratch memory of a query, with one element per session.
type votes struct {
	shared  []float32 // Σ w of the shared items
	match   []float32
	touched []int32 // sessions with an entry above
}

func newVotes(n int) *votes {
	return &votes{shared: make([]float32, n), match: make([]float32, n)}
}

// neighbours calls visit with each neighbour of the clues, most similar first, and its
// vote r·λ.
func (m *Model) neighbours(p *parameters, clues []clue, visit func(n int32, vote float32)) {
	v := p.scratch.Get().(*votes)
	for _, c := range clues {
		candidates, _ := p.postings.Row(int(c.item))
		for _, n := range candidates {
			if v.match[n] == 0 { // its latest shared item: later clues come first
				v.match[n] = c.match
				v.touched = append(v.touched, n)
			}
			v.shared[n] += c.weight
		}
	}
	best := topk.New(min(m.cfg.Neighbours, len(v.touched)))
	for _, n := range v.touched {
		best.Push(n, v.shared[n]*p.sessions[n].weight)
	}
	chosen, similarity := best.Sorted()
	for x, n := range chosen {
		visit(n, similarity[x]*v.match[n])
	}
	for _, n := range v.touched {
		v.shared[n], v.match[n] = 0, 0
	}
	v.touched = v.touched[:0]
	p.scratch.Put(v)
}

func (m *Model) score(p *parameters, clues []clue, dst []float32) {
	clear(dst)
	m.neighbours(p, clues, func(n int32, vote float32) {
		for _, i := range p.sessions[n].items {
			dst[i] += vote
		}
	})
	for i := range dst {
		dst[i] *= p.factor[i]
	}
}
