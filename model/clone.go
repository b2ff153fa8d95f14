package model

import (
	"fmt"
	"time"

	"github.com/recsys-lite/recsys"
)

// Clone copies a fitted model of the kind. The two share the memory of their parameters until
// one of them changes: what changes is replaced.
func (k Kind) Clone(m recsys.Model, run recsys.Run) (Model, error) {
	stored, ok := m.(Model)
	if !ok {
		return nil, fmt.Errorf("%w: a %T cannot be copied: it gives no state", recsys.ErrUnsupported, m)
	}
	state, err := stored.State()
	if err != nil {
		return nil, err
	}
	clone, err := k.Load(state, run)
	if err != nil {
		return nil, fmt.Errorf("copy of a %s model: %w", k.Name, err)
	}
	return clone, nil
}

// Cloner returns what a recsys.Updater copies models of these kinds with.
func Cloner(run recsys.Run, kinds ...Kind) func(kind string, m recsys.Model) (recsys.Model, error) {
	if kinds == nil {
		kinds = []Kind{} // nil would pass any name
	}
	return func(name string, m recsys.Model) (recsys.Model, error) {
		k, err := lookup("the model", name, kinds)
		if err != nil {
			return nil, err
		}
		return k.Clone(m, run)
	}
}

// UpdateAnnotation is the annotation of an artifact that an update made: UpdateNote in JSON.
const UpdateAnnotation = "update"

// UpdateNote says what an artifact was derived from.
type UpdateNote struct {
	// Base is the version that was fitted, at Fitted.
	Base   string    `json:"base"`
	Fitted time.Time `json:"fitted"`
	// Updates is how many updates lie between the two.
	Updates int `json:"updates"`
}

// Updated returns the artifact that an Updater made of a's snapshot, to be published: s is
// what it returned, created the time of the update.
func (a *Artifact) Updated(s recsys.Snapshot, created time.Time) (*Artifact, error) {
	m, ok := s.Model.(Model)
	if !ok {
		return nil, fmt.Errorf("%w: a %T cannot be stored: it gives no state", recsys.ErrUnsupported, s.Model)
	}
	next := &Artifact{
		Manifest:     a.Manifest,
		Model:        m,
		Users:        s.Users,
		Items:        s.Items,
		Catalogue:    s.Catalogue,
		Interactions: s.Interactions,
		Sequences:    s.Sequences,
		ItemFeatures: s.ItemFeatures,
		UserFeatures: s.UserFeatures,
		Index:        s.Index,
		Attachments:  a.Attachments,
	}
	note, err := a.Manifest.Update()
	if err != nil {
		return nil, err
	}
	if a.Manifest.Version == "" && note.Updates == 0 {
		note.Base, note.Fitted = a.identity() // served without having been published
	}
	note.Updates++
	next.Manifest.Version, next.Manifest.Created, next.Manifest.Watermark = "", created, s.Watermark
	if err := next.Manifest.Annotate(UpdateAnnotation, note); err != nil {
		return nil, err
	}
	return next, next.Manifest.SetJournaled(s.Journaled)
}
