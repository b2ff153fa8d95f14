package model

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/recsys-lite/recsys"
)

// UserEraser is a Model that keeps more of its users than PartialFitUsers with an empty row
// takes away: features, or a history of its own.
type UserEraser interface {
	// EraseUsers removes what else is known of the users. It is called after PartialFitUsers
	// has been given empty rows for them. Their indices stay, without content.
	EraseUsers(ctx context.Context, users []int32) error
}

// ErasureAnnotation names the annotation of an artifact from which users were erased.
const ErasureAnnotation = "erasure"

// erasureNote is that annotation.
type erasureNote struct {
	Users int    `json:"users"`        // how many, over all rewritings
	Of    string `json:"of,omitempty"` // the version that this one took the place of
}

// WithoutUsers returns the artifact without the users for whom forgotten is true, and their
// number; a itself when there are none. An erased user's index stays, so that nobody else's
// moves, under a name that says nothing; interactions, sequence and features of that index are
// gone, and the model's parameters for it are those of somebody who has no history. Model is
// changed in place. What the model learned of items from the user stays until the next fit.
func (a *Artifact) WithoutUsers(ctx context.Context, forgotten func(userID string) bool) (*Artifact, int, error) {
	var gone []int32
	for u, id := range a.Users.IDs() {
		if forgotten(id) {
			gone = append(gone, int32(u))
		}
	}
	if len(gone) == 0 {
		return a, 0, nil
	}
	if err := a.check(); err != nil {
		return nil, 0, err
	}
	err := a.Model.PartialFitUsers(ctx, gone, &recsys.CSR{Rows: len(gone), Cols: a.Items.Len(), Indptr: make([]int64, len(gone)+1)})
	if err == nil {
		if eraser, ok := a.Model.(UserEraser); ok {
			err = eraser.EraseUsers(ctx, gone)
		}
	}
	if err != nil {
		return nil, 0, fmt.Errorf("erase %d users from a %s model: %w", len(gone), a.Manifest.Kind, err)
	}
	b := *a
	b.Interactions = emptyRows(a.Interactions, gone)
	b.Sequences = emptySequences(a.Sequences, gone)
	b.UserFeatures = eraseFeatures(a.UserFeatures, gone)
	if b.Users, err = rename(a.Users, gone); err != nil {
		return nil, 0, err
	}
	b.Manifest.Interactions = b.Interactions.NNZ()
	return &b, len(gone), b.note(len(gone), "")
}

// note enters an erasure in the annotations, which a copy of the manifest shares.
func (a *Artifact) note(users int, of string) error {
	var note erasureNote
	if text, ok := a.Manifest.Annotations[ErasureAnnotation]; ok {
		if err := json.Unmarshal(text, &note); err != nil {
			return fmt.Errorf("%w: annotation %q: %w", ErrCorrupt, ErasureAnnotation, err)
		}
	}
	note.Users += users
	note.Of = of
	text, err := json.Marshal(note)
	if err != nil {
		return err
	}
	all := map[string]json.RawMessage{ErasureAnnotation: text}
	for name, value := range a.Manifest.Annotations {
		if name != ErasureAnnotation {
			all[name] = value
		}
	}
	a.Manifest.Annotations = all
	return nil
}

// rename gives users names that say nothing and that nobody has.
func rename(users *recsys.IDMap, gone []int32) (*recsys.IDMap, error) {
	ids := slices.Clone(users.IDs())
	for _, u := range gone {
		name := fmt.Sprintf("forgotten-%d", u)
		for {
			if _, taken := users.Index(name); !taken {
				break
			}
			name += "-"
		}
		ids[u] = name
	}
	return recsys.NewIDMap(ids)
}

// emptyRows returns x without the entries of the given rows, which ascend.
func emptyRows(x *recsys.CSR, gone []int32) *recsys.CSR {
	out := &recsys.CSR{Rows: x.Rows, Cols: x.Cols, Indptr: make([]int64, x.Rows+1), Indices: make([]int32, 0, len(x.Indices))}
	if x.Values != nil {
		out.Values = make([]float32, 0, len(x.Values))
	}
	for r := range x.Rows {
		if lo, hi := x.Indptr[r], x.Indptr[r+1]; len(gone) > 0 && int(gone[0]) == r {
			gone = gone[1:]
		} else {
			out.Indices = append(out.Indices, x.Indices[lo:hi]...)
			if x.Values != nil {
				out.Values = append(out.Values, x.Values[lo:hi]...)
			}
		}
		out.Indptr[r+1] = int64(len(out.Indices))
	}
	return out
}

func emptySequences(s *recsys.Sequences, gone []int32) *recsys.Sequences {
	if s == nil {
		return nil
	}
	out := &recsys.Sequences{Indptr: make([]int64, len(s.Indptr)), Items: make([]int32, 0, len(s.Items)), Times: make([]int64, 0, len(s.Times))}
	for u := range s.Users() {
		if len(gone) > 0 && int(gone[0]) == u {
			gone = gone[1:]
		} else {
			items, times := s.Of(u)
			out.Items, out.Times = append(out.Items, items...), append(out.Times, times...)
		}
		out.Indptr[u+1] = int64(len(out.Items))
	}
	return out
}

// eraseFeatures also takes the names of features that only erased users had.
func eraseFeatures(f *recsys.Features, gone []int32) *recsys.Features {
	if f == nil {
		return nil
	}
	out := &recsys.Features{Names: slices.Clone(f.Names), Matrix: emptyRows(f.Matrix, gone)}
	had, has := make([]bool, len(f.Names)), make([]bool, len(f.Names))
	for _, c := range f.Matrix.Indices {
		had[c] = true
	}
	for _, c := range out.Matrix.Indices {
		has[c] = true
	}
	for c := range out.Names {
		if had[c] && !has[c] {
			out.Names[c] = fmt.Sprintf("forgotten-%d", c)
		}
	}
	return out
}
