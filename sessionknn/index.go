package sessionknn

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/recsys-lite/recsys"
)

// session is a past session: distinct items in the order of their first event.
type session struct {
	owner int32
	end   int64 // time of the last event, in Unix seconds
	// weight is what r(n) multiplies the weights of shared items by, as of the fit: the norm
	// and the age. Items that join later do not change it.
	weight float32
	items  []int32
}

// parameters are never changed once they can be read.
type parameters struct {
	// sessions are newest first, equal times in the order given, so that the lower index is
	// the more recent session everywhere.
	sessions []session
	// postings lists each item's most recent sessions, ascending.
	postings recsys.CSR
	// factor is 1 + idf_weight·ln(sessions / sessions with the item), one per item; 0 for an
	// item of none.
	factor []float32
	// latest is the newest session of each user, or −1.
	latest  []int32
	scratch *sync.Pool // of *votes
}

// checkEvery is the number of sessions between two looks at the context.
const checkEvery = 1 << 14

// newParameters indexes the sessions, which it sorts in place.
func newParameters(ctx context.Context, cfg *Config, users int, factor []float32, list []session) (*parameters, error) {
	slices.SortStableFunc(list, func(a, b session) int { return cmp.Compare(b.end, a.end) })
	p := &parameters{sessions: list, factor: factor, latest: make([]int32, users)}
	p.scratch = &sync.Pool{New: func() any { return newVotes(len(list)) }}
	for u := range p.latest {
		p.latest[u] = -1
	}
	for n, s := range list {
		if p.latest[s.owner] < 0 {
			p.latest[s.owner] = int32(n)
		}
	}
	return p, p.post(ctx, cfg.SampleSize)
}

func (p *parameters) users() int { return len(p.latest) }

func (p *parameters) items() int { return len(p.factor) }

// post fills the postings with the first limit sessions of each item.
func (p *parameters) post(ctx context.Context, limit int) error {
	counts, err := countSessions(ctx, p.items(), p.sessions)
	if err != nil {
		return err
	}
	x := recsys.CSR{Rows: p.items(), Cols: len(p.sessions), Indptr: make([]int64, p.items()+1)}
	for i, c := range counts {
		x.Indptr[i+1] = x.Indptr[i] + int64(min(c, limit))
	}
	x.Indices = make([]int32, x.Indptr[p.items()])
	next := slices.Clone(x.Indptr[:p.items()])
	for n := range p.sessions {
		if n%checkEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		for _, i := range p.sessions[n].items {
			if next[i] < x.Indptr[i+1] {
				x.Indices[next[i]] = int32(n)
				next[i]++
			}
		}
	}
	p.postings = x
	return nil
}

func countSessions(ctx context.Context, items int, list []session) ([]int, error) {
	counts := make([]int, items)
	for n, s := range list {
		if n%checkEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		for _, i := range s.items {
			counts[i]++
		}
	}
	return counts, nil
}

// distinct returns the items in the order of their first event.
func distinct(items []int32) []int32 {
	out := make([]int32, 0, len(items))
	if len(items) > 32 {
		seen := make(map[int32]bool, len(items))
		for _, i := range items {
			if !seen[i] {
				seen[i] = true
				out = append(out, i)
			}
		}
		return out
	}
	for _, i := range items {
		if !slices.Contains(out, i) {
			out = append(out, i)
		}
	}
	return out
}
