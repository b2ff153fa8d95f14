package ease

import (
	"fmt"

	"github.com/recsys-lite/recsys/internal/par"
)

// shape is what costs depend on: items and users that have events, and interactions.
type shape struct{ items, users, entries float64 }

func (d *data) shape() shape {
	return shape{
		items:   float64(d.byItem.len()),
		users:   float64(d.byUser.len()),
		entries: float64(len(d.byUser.indices)),
	}
}

// plan is a way to compute and to keep the weights.
type plan int

const (
	invertItems       plan = iota // (XᵀX + λI)⁻¹, keep B
	invertUsers                   // (XXᵀ + λI)⁻¹, keep B
	invertUsersFactor             // the same, keep X and Z
	approximate                   // neighbourhood by neighbourhood, keep few weights
)

// plan settles what a method does with data of a shape. Multiplications of whole lists, which
// the dual adds to its inverse, run at about a quarter of the speed of a factorisation's.
func (m Method) plan(s shape) plan {
	switch m {
	case Primal:
		return invertItems
	case Dual:
		return invertUsersFactor
	case Sparse:
		return approximate
	}
	primal := s.items * s.items * s.items / 2
	dual := s.users*s.users*s.users/2 + 4*s.entries*(s.users+s.items)
	switch {
	case s.users >= s.items || dual >= primal:
		return invertItems
	case 4*s.users > s.items:
		return invertUsers
	}
	return invertUsersFactor
}

// tile is the number of items whose column of Z a worker of the dual holds at a time.
const tile = 128

// bytes is the peak of what a fit by the plan allocates.
func (c *Config) bytes(p plan, s shape) float64 {
	const (
		perEntry = 12 // of lists, of their transpose and of the sets of gram
		// What an inverse takes beside the matrix, per row of it.
		perRow       = 4 * (192 + 64) // second places, padding
		perRowWorker = 4 * (192 + gramRows)
	)
	workers := float64(par.Workers(c.Workers))
	inverse := perRow + perRowWorker*workers
	switch p {
	case invertItems:
		return perEntry*s.entries + 4*s.items*s.items + inverse*s.items
	case invertUsers:
		return perEntry*s.entries + 4*s.users*s.users + 4*s.items*s.items + s.users*(inverse+workers*8*tile)
	case invertUsersFactor:
		return perEntry*s.entries + 4*s.users*s.users + 4*s.users*s.items + s.users*(inverse+workers*8*tile)
	}
	k := min(float64(c.Neighbours), s.items)
	// The neighbours, then the weights by column, then by row: two at a time.
	return perEntry*s.entries + 16*s.items*k + workers*(4*(k+1)*(k+1)+9*s.items+8*s.users)
}

// choose settles the plan and refuses one that needs more memory than there is, naming the
// methods that would do.
func (c *Config) choose(s shape) (plan, error) {
	p := c.Method.plan(s)
	have, source := budget(c.MaxMemory)
	need := c.bytes(p, s)
	if need <= have {
		return p, nil
	}
	out := ""
	for _, other := range []Method{Primal, Dual, Sparse} {
		if b := c.bytes(other.plan(s), s); other != c.Method && b <= have {
			out += fmt.Sprintf("set method to %q, which takes %s; ", other, gib(b))
		}
	}
	return p, fmt.Errorf("ease: %w: method %q takes %s for %.0f items and %.0f users with events, and %s is to be had (%s): %sraise max_memory, leave out rare items, or lower neighbours for method %q",
		ErrMemory, c.Method, gib(need), s.items, s.users, gib(have), source, out, Sparse)
}
