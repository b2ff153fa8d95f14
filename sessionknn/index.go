package sessionknn

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync"

	"github.com/recsys-lite/recsys"
)

// nobody owns the sessions that stand for an item's neighbours rather than for a user.
const nobody int32 = -1

// session is a past session: distinct items in the order of their first event.
type session struct {
	owner int32
	end   int64 // time of the last event, in Unix seconds
	items []int32
}

// parameters are never changed once they can be read.
type parameters struct {
	users, items int
	// sessions are newest first, equal times in the order given, so that the lower index is
	// the more recent session everywhere.
	sessions []session
	// weight is what r(n) multiplies the shared items' weights by: the norm and the age.
	weight []float32
	// postings lists each item's most recent sessions, ascending.
	postings recsys.CSR
	// factor is 1 + idf_weight·ln(sessions / sessions with the item); 0 for an item of none.
	factor []float32
	// latest is the newest session of each user, or −1.
	latest  []int32
	scratch *sync.Pool // of *votes
}

// checkEvery is the number of sessions between two looks at the context.
const checkEvery = 1 << 14

// newParameters indexes the sessions, which it sorts in place.
func newParameters(ctx context.Context, cfg *Config, users, items int, list []session) (*parameters, error) {
	slices.SortStableFunc(list, func(a, b session) int { return cmp.Compare(b.end, a.end) })
	p := &parameters{
		users: users, items: items, sessions: list,
		weight: make([]float32, len(list)),
		factor: make([]float32, items),
		latest: make([]int32, users),
	}
	p.scratch = &sync.Pool{New: func() any { return newVotes(len(list)) }}
	for u := range p.latest {
		p.latest[u] = -1
	}
	counts := make([]int, items)
	for n := range list {
		if n%checkEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		s := &list[n]
		p.weight[n] = cfg.sessionWeight(len(s.items), list[0].end-s.end)
		for _, i := range s.items {
			counts[i]++
		}
		if s.owner != nobody && p.latest[s.owner] < 0 {
			p.latest[s.owner] = int32(n)
		}
	}
	for i, c := range counts {
		if c > 0 {
			p.factor[i] = float32(1 + cfg.IDFWeight*math.Log(float64(len(list))/float64(c)))
		}
	}
	return p, p.post(ctx, counts, cfg.SampleSize)
}

func (c *Config) sessionWeight(items int, age int64) float32 {
	w := 1 / math.Sqrt(float64(items))
	if c.HalfLife > 0 {
		const day = 24 * 60 * 60
		w *= math.Exp2(-float64(age) / (c.HalfLife * day))
	}
	return float32(w)
}

// post fills the postings with the first limit sessions of each item.
func (p *parameters) post(ctx context.Context, counts []int, limit int) error {
	x := recsys.CSR{Rows: p.items, Cols: len(p.sessions), Indptr: make([]int64, p.items+1)}
	for i, c := range counts {
		x.Indptr[i+1] = x.Indptr[i] + int64(min(c, limit))
	}
	x.Indices = make([]int32, x.Indptr[p.items])
	next := slices.Clone(x.Indptr[:p.items])
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
