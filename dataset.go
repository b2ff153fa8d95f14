package recsys

import "fmt"

// Dataset is what a model is fitted on: dense indices and weights, no strings. It is
// read-only once handed over and may be shared between fits.
type Dataset struct {
	// Users and Items name the rows and columns of Interactions. Models never look at them;
	// they travel with the data so that whoever stores the model can.
	Users, Items *IDMap
	// Interactions is users × items; a value is the weight of all of a user's events with an
	// item, by Weighting. Items without events are part of the catalogue and have no entries.
	Interactions *CSR
	// Sequences is nil unless it was asked for.
	Sequences *Sequences
	// ItemFeatures and UserFeatures are nil unless asked for.
	ItemFeatures, UserFeatures *Features
	// Weighting is how the values of Interactions came about.
	Weighting Weighting
	// Watermark says up to which event of the store the data goes.
	Watermark Watermark
}

// Features gives each user or item a sparse row of named features.
type Features struct {
	Names  []string // one per column
	Matrix *CSR     // users or items × len(Names)
}

// Align returns the features of from's ids for the same ids in to; ids without features get
// empty rows.
func (f *Features) Align(from, to *IDMap) *Features {
	m := &CSR{Rows: to.Len(), Cols: f.Matrix.Cols, Indptr: make([]int64, 1, to.Len()+1), Indices: []int32{}}
	if f.Matrix.Values != nil {
		m.Values = []float32{}
	}
	for _, id := range to.IDs() {
		if row, ok := from.Index(id); ok {
			cols, values := f.Matrix.Row(int(row))
			m.Indices = append(m.Indices, cols...)
			m.Values = append(m.Values, values...)
		}
		m.Indptr = append(m.Indptr, int64(len(m.Indices)))
	}
	return &Features{Names: f.Names, Matrix: m}
}

// Validate checks the shapes and values that every Fit relies on. It returns an error that
// wraps ErrEmptyDataset when there is no interaction at all, and one that wraps
// ErrInvalidData when the data contradicts itself or holds a weight that is not a finite
// number.
func (d *Dataset) Validate() error {
	if d == nil || d.Interactions == nil || d.Interactions.NNZ() == 0 {
		return fmt.Errorf("%w: a model needs at least one event", ErrEmptyDataset)
	}
	x := d.Interactions
	if err := x.Validate(); err != nil {
		return fmt.Errorf("interactions: %w", err)
	}
	for p, v := range x.Values {
		if v <= 0 {
			return fmt.Errorf("%w: interactions: entry %d (item %d) has weight %v, weights are positive", ErrInvalidData, p, x.Indices[p], v)
		}
	}
	if d.Users != nil && d.Users.Len() != x.Rows || d.Items != nil && d.Items.Len() != x.Cols {
		return fmt.Errorf("%w: id maps of %d users and %d items beside a %d×%d matrix", ErrInvalidData, d.Users.Len(), d.Items.Len(), x.Rows, x.Cols)
	}
	if d.Sequences != nil {
		if d.Sequences.Users() != x.Rows {
			return fmt.Errorf("%w: sequences of %d users beside %d users", ErrInvalidData, d.Sequences.Users(), x.Rows)
		}
		if err := d.Sequences.Validate(x.Cols); err != nil {
			return err
		}
	}
	if err := d.ItemFeatures.validate("item", x.Cols); err != nil {
		return err
	}
	return d.UserFeatures.validate("user", x.Rows)
}

func (f *Features) validate(what string, rows int) error {
	if f == nil {
		return nil
	}
	if f.Matrix == nil || f.Matrix.Rows != rows || f.Matrix.Cols != len(f.Names) {
		return fmt.Errorf("%w: %s features do not have %d rows and %d named columns", ErrInvalidData, what, rows, len(f.Names))
	}
	if err := f.Matrix.Validate(); err != nil {
		return fmt.Errorf("%s features: %w", what, err)
	}
	return nil
}
