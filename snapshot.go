package recsys

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/recsys-lite/recsys/internal/sketch"
)

// Snapshot is everything needed to answer requests: a fitted model with the names, the
// catalogue and the histories that belong to it. It is immutable once an Engine has it.
type Snapshot struct {
	// Version names the model in every answer; Kind is its algorithm.
	Version, Kind string
	// Created is when the model was fitted.
	Created time.Time
	Model   Model
	// Users and Items name the model's indices.
	Users, Items *IDMap
	// Catalogue is parallel to Items: entry i has the id of item i. nil serves ids without
	// metadata.
	Catalogue []Item
	// Interactions is what each user had when the model was fitted or last updated: the seen
	// filter, the popularity fallback and fold-in read it.
	Interactions *CSR
	// Sequences is parallel to Users; nil for models that do not use the order of events. What
	// is recent, trending and bought in one visit is read there.
	Sequences *Sequences
	// Weighting is how Interactions came about.
	Weighting Weighting
	// Watermark is the place in the store's log up to which all of this knows the events, and
	// ItemFeatures what the model was fitted with besides; an Updater goes on from them.
	Watermark    Watermark
	ItemFeatures *Features
	// Index, if set, serves a VectorModel approximately where a request allows it.
	Index Index
	// Journaled is, by journal, the number of its last event that the model contains; a server
	// lays the later ones over the model.
	Journaled map[string]int64
	// UserFeatures is parallel to Users, or nil. A feature "country=…" tells the user's country.
	UserFeatures *Features
}

// validate checks that the parts are sound and belong together.
func (s *Snapshot) validate() error {
	if s.Model == nil {
		return fmt.Errorf("%w: a snapshot needs a model", ErrInvalidData)
	}
	users, items := s.Model.Shape()
	switch {
	case s.Users.Len() != users || s.Items.Len() != items:
		return fmt.Errorf("%w: id maps of %d users and %d items beside a model of %d and %d", ErrInvalidData, s.Users.Len(), s.Items.Len(), users, items)
	case s.Interactions == nil || s.Interactions.Rows != users || s.Interactions.Cols != items:
		return fmt.Errorf("%w: the histories do not have the model's shape, %d users × %d items", ErrInvalidData, users, items)
	case s.Sequences != nil && s.Sequences.Users() != users:
		return fmt.Errorf("%w: sequences of %d users beside a model of %d", ErrInvalidData, s.Sequences.Users(), users)
	case s.Index != nil && s.Index.Len() != items:
		return fmt.Errorf("%w: an index of %d vectors beside a model of %d items", ErrInvalidData, s.Index.Len(), items)
	}
	if err := s.Interactions.Validate(); err != nil {
		return fmt.Errorf("histories: %w", err)
	}
	if s.Sequences != nil {
		if err := s.Sequences.Validate(items); err != nil {
			return err
		}
	}
	if m, ok := s.Model.(VectorModel); ok && s.Index != nil && s.Index.Dim() != m.ItemVectors().Cols {
		return fmt.Errorf("%w: an index of vectors of length %d beside a model of %d", ErrInvalidData, s.Index.Dim(), m.ItemVectors().Cols)
	}
	return errors.Join(s.validateCatalogue(), s.Weighting.Validate(), s.ItemFeatures.validate("item", items), s.UserFeatures.validate("user", users))
}

func (s *Snapshot) validateCatalogue() error {
	if s.Catalogue == nil {
		return nil
	}
	if len(s.Catalogue) != s.Items.Len() {
		return fmt.Errorf("%w: a catalogue of %d items beside a model of %d", ErrInvalidData, len(s.Catalogue), s.Items.Len())
	}
	for i := range s.Catalogue {
		if id := s.Items.ID(int32(i)); s.Catalogue[i].ID != id {
			return fmt.Errorf("%w: the catalogue has %q at the place of item %q: it is in the order of the items", ErrInvalidData, s.Catalogue[i].ID, id)
		}
	}
	return nil
}

// view is a snapshot with what the engine derives from it: the fields at once, the rest when
// it is first asked for.
type view struct {
	Snapshot
	available *Bitset
	fields    fields
	// sketch, of a VectorModel's items, makes exact rankings faster. It takes a third of the
	// memory of their vectors: dim + 16 bytes each. nil if it cannot be had or would not pay.
	sketch *sketch.Sketch
	lazy   lazy
}

// lazy is what a view works out at the first request that needs it.
type lazy struct {
	attributesOnce sync.Once
	attributes     map[string]*postings
	countriesOnce  sync.Once
	countries      map[string]int32
	usersOnce      sync.Once
	users          *reach
	stockOnce      sync.Once
	outOfStock     *Bitset
	columnsOnce    sync.Once
	columns        *CSR
	basketsOnce    sync.Once
	baskets        *baskets
	biasOnce       sync.Once
	biased         bool
	usual, unusual popularities
	// mu guards what follows; who finds it missing works it out while the others wait.
	mu        sync.Mutex
	popularIn map[int32][]float32
}

func newView(s Snapshot) (*view, error) {
	if err := s.validate(); err != nil {
		return nil, err
	}
	n := s.Items.Len()
	v := &view{Snapshot: s, available: FullBitset(n), fields: newFields(s.Catalogue, n)}
	for i := range s.Catalogue {
		if s.Catalogue[i].Unavailable {
			v.available.Clear(int32(i))
		}
	}
	if m, ok := s.Model.(VectorModel); ok {
		vectors := m.ItemVectors()
		v.sketch = sketch.Worthwhile(vectors.Data, vectors.Cols)
	}
	return v, nil
}

// attributes are the postings of the attributes by name.
func (v *view) attributes() map[string]*postings {
	v.lazy.attributesOnce.Do(func() { v.lazy.attributes = attributePostings(v.Catalogue) })
	return v.lazy.attributes
}

// known returns the dense index of an item that a request names.
func (v *view) known(id string) (item int32, ok bool) {
	item, ok = v.Items.Index(id)
	return item, ok && !v.Retired(item)
}

// index is known, or an error.
func (v *view) index(id string) (int32, error) {
	i, ok := v.known(id)
	if !ok {
		return 0, fmt.Errorf("%w: %q is not in model %s", ErrUnknownItem, id, v.Version)
	}
	return i, nil
}

// item returns the metadata of a dense index.
func (v *view) item(i int32) Item {
	if v.Catalogue == nil {
		return Item{ID: v.Items.ID(i)}
	}
	return v.Catalogue[i]
}
