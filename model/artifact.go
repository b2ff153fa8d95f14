package model

import (
	"encoding"
	"errors"
	"fmt"
	"math"
	"regexp"
	"time"
	"unicode/utf8"

	"github.com/recsys-lite/recsys"
)

// Artifact is a fitted model with all that is needed to serve it, as it lies on disk. One
// that was opened is immutable.
type Artifact struct {
	// Manifest describes the artifact. Who writes one sets Kind and, at will, Created,
	// Weighting, Watermark, Metrics and Annotations; the rest is filled in.
	Manifest Manifest
	Model    Model
	// Users and Items name the model's indices.
	Users, Items *recsys.IDMap
	// Catalogue is parallel to Items; nil keeps the ids alone.
	Catalogue []recsys.Item
	// Interactions is what each user had: the seen filter and fold-in read it.
	Interactions *recsys.CSR
	// Sequences is parallel to Users, whole; without it an engine knows no trends, no visits and
	// nothing of a user's last items.
	Sequences *recsys.Sequences
	// ItemFeatures are those the model was fitted with, or nil. UserFeatures may be more than
	// it was fitted with: an engine reads the users' countries there.
	ItemFeatures, UserFeatures *recsys.Features
	// Index, if set, is built over the item vectors of Model, which must be a
	// recsys.VectorModel. It is written by its MarshalBinary as attachment IndexAttachment.
	Index recsys.Index
	// Attachments are further files that belong to the model, by name.
	Attachments map[string][]byte

	made time.Time // by NewArtifact
}

// NewArtifact returns an artifact of m, fitted on d. The catalogue may have any order and
// further items; an item that it lacks gets its id alone. Nil keeps no catalogue.
func NewArtifact(kind string, m Model, d *recsys.Dataset, catalogue []recsys.Item) *Artifact {
	a := &Artifact{
		Manifest:     Manifest{Kind: kind, Weighting: d.Weighting, Watermark: d.Watermark},
		Model:        m,
		Users:        d.Users,
		Items:        d.Items,
		Interactions: d.Interactions,
		Sequences:    d.Sequences,
		ItemFeatures: d.ItemFeatures,
		UserFeatures: d.UserFeatures,
		made:         time.Now().UTC().Truncate(time.Second),
	}
	if catalogue != nil {
		a.Catalogue = make([]recsys.Item, d.Items.Len())
		for i, id := range d.Items.IDs() {
			a.Catalogue[i].ID = id
		}
		for _, item := range catalogue {
			if i, ok := d.Items.Index(item.ID); ok {
				a.Catalogue[i] = item
			}
		}
	}
	return a
}

// IndexAttachment is the name of the attachment that holds the index.
const IndexAttachment = "index"

// Snapshot returns the artifact as an Engine serves it. One that is not published yet has the
// version that Publish would give it, with the time of NewArtifact if Created is not set.
func (a *Artifact) Snapshot() recsys.Snapshot {
	journaled, _ := a.Manifest.Journaled() // Open and Write refuse what cannot be read
	version, created := a.identity()
	return recsys.Snapshot{
		Version:      version,
		Kind:         a.Manifest.Kind,
		Created:      created,
		Model:        a.Model,
		Users:        a.Users,
		Items:        a.Items,
		Catalogue:    a.Catalogue,
		Interactions: a.Interactions,
		Sequences:    a.Sequences,
		Weighting:    a.Manifest.Weighting,
		Watermark:    a.Manifest.Watermark,
		Journaled:    journaled,
		ItemFeatures: a.ItemFeatures,
		UserFeatures: a.UserFeatures,
		Index:        a.Index,
	}
}

// identity is the artifact's version and time, published or not.
func (a *Artifact) identity() (version string, created time.Time) {
	version, created = a.Manifest.Version, a.Manifest.Created
	if created.IsZero() {
		created = a.made
	}
	switch {
	case version != "":
	case created.IsZero():
		version = a.Manifest.Kind
	default:
		version = versionName(a.Manifest.Kind, created)
	}
	return version, created
}

// versionName is the name of a version of that kind and time.
func versionName(kind string, created time.Time) string {
	return kind + "-" + created.UTC().Format("20060102T150405Z")
}

// validName is what the name of a kind, a version, a tensor or an attachment must look like:
// it becomes part of a file name.
var validName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)

// check reports what keeps the parts from belonging together.
func (a *Artifact) check() error {
	if a.Model == nil || a.Interactions == nil {
		return fmt.Errorf("%w: an artifact needs a model and its interactions", recsys.ErrInvalidData)
	}
	users, items := a.Model.Shape()
	if a.Users.Len() != users || a.Items.Len() != items || a.Interactions.Rows != users || a.Interactions.Cols != items {
		return fmt.Errorf("%w: ids of %d users and %d items and interactions of %d × %d beside a model of %d × %d", recsys.ErrInvalidData,
			a.Users.Len(), a.Items.Len(), a.Interactions.Rows, a.Interactions.Cols, users, items)
	}
	if err := a.Interactions.Validate(); err != nil {
		return fmt.Errorf("interactions: %w", err)
	}
	if a.Sequences != nil {
		if a.Sequences.Users() != users {
			return fmt.Errorf("%w: sequences of %d users beside %d", recsys.ErrInvalidData, a.Sequences.Users(), users)
		}
		if err := a.Sequences.Validate(items); err != nil {
			return err
		}
	}
	err := errors.Join(checkFeatures("item", a.ItemFeatures, items), checkFeatures("user", a.UserFeatures, users),
		checkTexts("user id", a.Users.IDs()), checkTexts("item id", a.Items.IDs()), a.checkCatalogue(), a.checkIndex())
	if _, journalErr := a.Manifest.Journaled(); journalErr != nil {
		err = errors.Join(err, fmt.Errorf("%w: %w", recsys.ErrInvalidData, journalErr))
	}
	for name := range a.Attachments {
		if !validName.MatchString(name) {
			err = errors.Join(err, fmt.Errorf("%w: attachment %q: a name is up to 128 letters, digits, dots, dashes and underscores", recsys.ErrInvalidData, name))
		}
	}
	return err
}

func (a *Artifact) checkCatalogue() error {
	if a.Catalogue == nil {
		return nil
	}
	if len(a.Catalogue) != a.Items.Len() {
		return fmt.Errorf("%w: a catalogue of %d items beside %d", recsys.ErrInvalidData, len(a.Catalogue), a.Items.Len())
	}
	for i := range a.Catalogue {
		c := &a.Catalogue[i]
		if c.ID != a.Items.ID(int32(i)) {
			return fmt.Errorf("%w: the catalogue has %q at the place of item %q", recsys.ErrInvalidData, c.ID, a.Items.ID(int32(i)))
		}
		if c.Price != nil && (math.IsNaN(*c.Price) || math.IsInf(*c.Price, 0)) {
			return fmt.Errorf("%w: item %q has price %v", recsys.ErrInvalidData, c.ID, *c.Price)
		}
		texts := []string{c.Title, c.Category, c.Brand, c.ImgURL}
		for k, v := range c.Attributes {
			texts = append(texts, k, v)
		}
		if err := checkTexts(fmt.Sprintf("text of item %q", c.ID), texts); err != nil {
			return err
		}
	}
	return nil
}

// checkIndex reports an index that is not one of the model's item vectors.
func (a *Artifact) checkIndex() error {
	if a.Index == nil {
		return nil
	}
	vectors, ok := a.Model.(recsys.VectorModel)
	if !ok {
		return fmt.Errorf("%w: an index beside a model without item vectors", recsys.ErrInvalidData)
	}
	if v := vectors.ItemVectors(); a.Index.Len() != v.Rows || a.Index.Dim() != v.Cols {
		return fmt.Errorf("%w: an index of %d vectors of length %d beside a model with %d of length %d",
			recsys.ErrInvalidData, a.Index.Len(), a.Index.Dim(), v.Rows, v.Cols)
	}
	return nil
}

// attachments returns what is written beside the model, with the index among it.
func (a *Artifact) attachments() (map[string][]byte, error) {
	if a.Index == nil {
		return a.Attachments, nil
	}
	saver, ok := a.Index.(encoding.BinaryMarshaler)
	if !ok {
		return nil, fmt.Errorf("%w: an index of type %T, which cannot be saved: it has no MarshalBinary", recsys.ErrInvalidData, a.Index)
	}
	data, err := saver.MarshalBinary()
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	all := map[string][]byte{IndexAttachment: data}
	for name, other := range a.Attachments {
		if name != IndexAttachment {
			all[name] = other
		}
	}
	return all, nil
}

func checkFeatures(what string, f *recsys.Features, rows int) error {
	if f == nil {
		return nil
	}
	if f.Matrix == nil || f.Matrix.Rows != rows || f.Matrix.Cols != len(f.Names) {
		return fmt.Errorf("%w: %s features do not have %d rows and %d named columns", recsys.ErrInvalidData, what, rows, len(f.Names))
	}
	return errors.Join(f.Matrix.Validate(), checkTexts(what+" feature", f.Names))
}

func checkTexts(what string, texts []string) error {
	for _, s := range texts {
		if !utf8.ValidString(s) {
			return fmt.Errorf("%w: %s %q is not valid UTF-8", recsys.ErrInvalidData, what, s)
		}
	}
	return nil
}
