// Package fitted holds the parameters of a model: readers take them without a lock, and
// whoever fits or updates puts new ones in their place at the end, so that an error or a
// cancel leaves the model as it was.
package fitted

import (
	"context"
	"fmt"
	"path"
	"reflect"
	"sync"
	"sync/atomic"

	"github.com/recsys-lite/recsys"
)

// Parameters know the shape of what they were fitted on. They are never changed once they can
// be read. They are a pointer to a type of the model's package.
type Parameters interface {
	Shape() (users, items int)
}

// Cell holds a model's present parameters, none at first. It is safe for concurrent use.
type Cell[P Parameters] struct {
	name string
	// writing is held by whoever builds the next parameters from the present ones.
	writing sync.Mutex
	current atomic.Pointer[P]
}

// Init gives the name of the algorithm, which starts every error. New calls it, with a model's
// configuration checked: a Cell without it is that of a zero Model, which can do nothing.
func (c *Cell[P]) Init(name string) { c.name = name }

// made returns an error that wraps recsys.ErrInvalidConfig if Init was not called.
func (c *Cell[P]) made() error {
	if c.name != "" {
		return nil
	}
	name := path.Base(reflect.TypeFor[P]().Elem().PkgPath()) // of the package of the model
	return fmt.Errorf("%s: %w: the zero Model has none: make one with %s.New", name, recsys.ErrInvalidConfig, name)
}

// CheckFit is the beginning of every fit: it reports a zero Model and what is wrong with d.
func (c *Cell[P]) CheckFit(d *recsys.Dataset) error {
	if err := c.made(); err != nil {
		return err
	}
	if err := d.Validate(); err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	return nil
}

// Load returns the parameters; ok is false before a fit.
func (c *Cell[P]) Load() (p P, ok bool) {
	if held := c.current.Load(); held != nil {
		return *held, true
	}
	return p, false
}

// Get returns the parameters, or an error that wraps recsys.ErrNotFitted, or
// recsys.ErrInvalidConfig if the Model is a zero one.
func (c *Cell[P]) Get() (P, error) {
	p, ok := c.Load()
	if !ok {
		if err := c.made(); err != nil {
			return p, err
		}
		return p, fmt.Errorf("%s: %w: call Fit or load an artifact", c.name, recsys.ErrNotFitted)
	}
	return p, nil
}

// For returns the parameters if they can answer q.
func (c *Cell[P]) For(ctx context.Context, q *recsys.Query) (P, error) {
	if err := ctx.Err(); err != nil {
		var none P
		return none, err
	}
	p, err := c.Get()
	if err != nil {
		return p, err
	}
	users, items := p.Shape()
	if err := q.Validate(users, items); err != nil {
		return p, fmt.Errorf("%s: %w", c.name, err)
	}
	return p, nil
}

// ForItem returns the parameters if they know item and can answer a query for the k allowed
// items nearest to it.
func (c *Cell[P]) ForItem(ctx context.Context, item int32, k int, allowed *recsys.Bitset) (P, error) {
	return c.For(ctx, &recsys.Query{User: recsys.NoUser, K: k, Allowed: allowed, History: recsys.History{Items: []int32{item}}})
}

// ForScores is For when dst must have room for the score of every item.
func (c *Cell[P]) ForScores(ctx context.Context, q *recsys.Query, dst []float32) (P, error) {
	p, err := c.For(ctx, q)
	if err != nil {
		return p, err
	}
	if _, items := p.Shape(); len(dst) != items {
		return p, fmt.Errorf("%s: %w: room for %d scores of %d items", c.name, recsys.ErrInvalidQuery, len(dst), items)
	}
	return p, nil
}

// ForExplanation is For when the query is about one item.
func (c *Cell[P]) ForExplanation(ctx context.Context, q *recsys.Query, item int32) (P, error) {
	p, err := c.For(ctx, q)
	if err != nil {
		return p, err
	}
	if _, items := p.Shape(); item < 0 || int(item) >= items {
		return p, fmt.Errorf("%s: %w: item %d of %d", c.name, recsys.ErrInvalidQuery, item, items)
	}
	return p, nil
}

// CheckVector checks the room for a query vector.
func (c *Cell[P]) CheckVector(dst []float32, dim int) error {
	if len(dst) != dim {
		return fmt.Errorf("%s: %w: room for a query vector of %d, it has %d elements", c.name, recsys.ErrInvalidQuery, len(dst), dim)
	}
	return nil
}

// Shape is that of the parameters; 0, 0 before a fit.
func (c *Cell[P]) Shape() (users, items int) {
	p, ok := c.Load()
	if !ok {
		return 0, 0
	}
	return p.Shape()
}

// Set replaces the parameters, after an update that is under way.
func (c *Cell[P]) Set(p P) {
	c.writing.Lock()
	defer c.writing.Unlock()
	c.current.Store(&p)
}

// Update replaces the parameters by what next makes of them, one update at a time. An error
// leaves them.
func (c *Cell[P]) Update(ctx context.Context, next func(old P) (P, error)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	p, err := c.Get()
	if err != nil {
		return err
	}
	if p, err = next(p); err != nil {
		return err
	}
	c.current.Store(&p)
	return nil
}

// UpdateUsers is Update for PartialFitUsers: it checks the rows and passes the number of users
// after the update.
func (c *Cell[P]) UpdateUsers(ctx context.Context, users []int32, rows *recsys.CSR, next func(old P, total int) (P, error)) error {
	return c.Update(ctx, func(old P) (P, error) {
		known, items := old.Shape()
		total, err := recsys.CheckUserRows(users, rows, known, items)
		if err != nil {
			return old, fmt.Errorf("%s: %w", c.name, err)
		}
		return next(old, total)
	})
}
