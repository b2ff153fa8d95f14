package recsys

import (
	"fmt"
	"time"
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
	// Catalogue is parallel to Items. nil serves ids without metadata.
	Catalogue []Item
	// Interactions is what each user had when the model was fitted or last updated: the seen
	// filter, the popularity fallback and fold-in read it.
	Interactions *CSR
	// Sequences is parallel to Users; nil for models that do not use the order of events.
	Sequences *Sequences
	// Weighting is how Interactions came about.
	Weighting Weighting
	// Index, if set, serves a VectorModel approximately where a request allows it.
	Index Index
	// Journaled is, by journal, the number of its last event that the model contains; a server
	// lays the later ones over the model.
	Journaled map[string]int64
}

// validate checks that the parts belong together.
func (s *Snapshot) validate() error {
	users, items := s.Model.Shape()
	switch {
	case s.Users.Len() != users || s.Items.Len() != items:
		return fmt.Errorf("%w: id maps of %d users and %d items beside a model of %d and %d", ErrInvalidData, s.Users.Len(), s.Items.Len(), users, items)
	case s.Catalogue != nil && len(s.Catalogue) != items:
		return fmt.Errorf("%w: a catalogue of %d items beside a model of %d", ErrInvalidData, len(s.Catalogue), items)
	case s.Interactions == nil || s.Interactions.Rows != users || s.Interactions.Cols != items:
		return fmt.Errorf("%w: the histories do not have the model's shape, %d users × %d items", ErrInvalidData, users, items)
	case s.Sequences != nil && s.Sequences.Users() != users:
		return fmt.Errorf("%w: sequences of %d users beside a model of %d", ErrInvalidData, s.Sequences.Users(), users)
	case s.Index != nil && s.Index.Len() != items:
		return fmt.Errorf("%w: an index of %d vectors beside a model of %d items", ErrInvalidData, s.Index.Len(), items)
	}
	return nil
}

// view is a snapshot with what the engine derives from it once.
type view struct {
	Snapshot
	available *Bitset
	// popularity is the number of users per item.
	popularity []float32
}

func newView(s Snapshot) (*view, error) {
	if err := s.validate(); err != nil {
		return nil, err
	}
	v := &view{Snapshot: s, available: FullBitset(s.Items.Len()), popularity: make([]float32, s.Items.Len())}
	for _, item := range s.Interactions.Indices {
		v.popularity[item]++
	}
	for i := range s.Catalogue {
		if s.Catalogue[i].Unavailable {
			v.available.Clear(int32(i))
		}
	}
	return v, nil
}

// item returns the metadata of a dense index.
func (v *view) item(i int32) Item {
	if v.Catalogue == nil {
		return Item{ID: v.Items.ID(i)}
	}
	return v.Catalogue[i]
}
