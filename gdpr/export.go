package gdpr

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
)

// ErrNoData: nothing is kept of the user.
var ErrNoData = errors.New("nothing is kept of this user")

// Export is everything that is kept of a user, as the runbook shows it, and what the models
// hold.
type Export struct {
	UserID  string          `json:"user_id"`
	Events  []ExportedEvent `json:"events"`
	Items   []ExportedItem  `json:"items"`
	Profile *Profile        `json:"profile,omitempty"`
	Models  []ExportedModel `json:"models"`
	// AlsoIn are other places where the id stands: files not yet imported, logs.
	AlsoIn          []Finding `json:"also_in"`
	ExportTimestamp int64     `json:"export_timestamp"`
	ExportDate      string    `json:"export_date"`
}

// ExportedEvent is an event.
type ExportedEvent struct {
	ItemID    string `json:"item_id"`
	Timestamp int64  `json:"timestamp"` // Unix seconds
	Quantity  int64  `json:"quantity"`
	EventType string `json:"event_type"`
}

// ExportedItem is an item that the user has events with; null is unknown.
type ExportedItem struct {
	ItemID   string   `json:"item_id"`
	Title    *string  `json:"title"`
	Category *string  `json:"category"`
	Brand    *string  `json:"brand"`
	Price    *float64 `json:"price"`
	ImgURL   *string  `json:"img_url"`
}

// Profile is what the shop said of the user.
type Profile struct {
	Country    string            `json:"country,omitempty"`
	Attributes map[string]string `json:"attributes,omitempty"`
}

// ExportedModel is what one stored model holds of the user.
type ExportedModel struct {
	Directory string `json:"directory"`
	Version   string `json:"version"`
	Kind      string `json:"kind"`
	Current   bool   `json:"current"`
	// History is the user's interactions, with their weights.
	History []Weighted `json:"history"`
	// Sequence is the order of events, where the model keeps it.
	Sequence []Step `json:"sequence,omitempty"`
	// Features are the names of the user's features.
	Features []string `json:"features,omitempty"`
	// Parameters are the user's rows of the model's arrays, by their names.
	Parameters map[string][]float64 `json:"parameters,omitempty"`
	// Sessions are past visits that the model keeps as such, by item.
	Sessions [][]string `json:"sessions,omitempty"`
	// Error says why the model could not be read; the rest is empty then.
	Error string `json:"error,omitempty"`
}

// Weighted is an item with a weight.
type Weighted struct {
	ItemID string  `json:"item_id"`
	Weight float32 `json:"weight"`
}

// Step is an event of a sequence.
type Step struct {
	ItemID    string `json:"item_id"`
	Timestamp int64  `json:"timestamp"`
}

// Export collects everything that is kept of a user. It returns ErrNoData when that is
// nothing. now is time.Now when nil.
func (s *Site) Export(ctx context.Context, userID string, now func() time.Time) (*Export, error) {
	if err := s.check(userID); err != nil {
		return nil, err
	}
	if now == nil {
		now = time.Now
	}
	at := now()
	x := &Export{UserID: userID, Events: []ExportedEvent{}, Items: []ExportedItem{}, Models: []ExportedModel{}, AlsoIn: []Finding{},
		ExportTimestamp: at.Unix(), ExportDate: at.UTC().Format(time.RFC3339)}
	if err := s.exportRows(ctx, x); err != nil {
		return nil, err
	}
	dirs, err := s.modelDirs()
	if err != nil {
		return nil, err
	}
	for _, dir := range dirs {
		if err := s.exportModels(ctx, dir, x); err != nil {
			return nil, err
		}
	}
	report := &Report{}
	if err := s.verifyFiles(ctx, userID, report); err != nil {
		return nil, err
	}
	for _, f := range report.Found {
		if !same(filepath.Dir(f.File), s.LogDir) || filepath.Base(f.File) != LogFile {
			x.AlsoIn = append(x.AlsoIn, f)
		}
	}
	if len(x.Events)+len(x.Models)+len(x.AlsoIn) == 0 && x.Profile == nil {
		return nil, fmt.Errorf("%w: neither the database nor a model, a file or a log knows %q", ErrNoData, userID)
	}
	return x, nil
}

func (s *Site) exportRows(ctx context.Context, x *Export) error {
	db, err := s.Open(ctx, true)
	if err != nil {
		return err
	}
	defer db.Close()
	events, err := db.UserEvents(ctx, x.UserID)
	if err != nil {
		return err
	}
	user, known, err := db.User(ctx, x.UserID)
	if err != nil {
		return err
	}
	if known {
		x.Profile = &Profile{Country: user.Country, Attributes: user.Attributes}
	}
	if len(events) == 0 {
		return db.Close()
	}
	all, err := db.Items(ctx)
	if err != nil {
		return err
	}
	catalogue := make(map[string]*recsys.Item, len(all))
	for i := range all {
		catalogue[all[i].ID] = &all[i]
	}
	listed := make(map[string]bool)
	for _, e := range events {
		x.Events = append(x.Events, ExportedEvent{ItemID: e.ItemID, Timestamp: e.Time, Quantity: e.Qty, EventType: e.Type})
		if !listed[e.ItemID] {
			listed[e.ItemID] = true
			x.Items = append(x.Items, exportItem(e.ItemID, catalogue[e.ItemID]))
		}
	}
	return db.Close()
}

func exportItem(id string, it *recsys.Item) ExportedItem {
	x := ExportedItem{ItemID: id}
	if it == nil {
		return x
	}
	text := func(s string) *string {
		if s == "" {
			return nil
		}
		return &s
	}
	x.Title, x.Category, x.Brand, x.ImgURL, x.Price = text(it.Title), text(it.Category), text(it.Brand), text(it.ImgURL), it.Price
	return x
}

// exportModels adds what every version under dir holds. One that cannot be read is listed
// with the reason: an export must not fail for a damaged old model, nor hide it.
func (s *Site) exportModels(ctx context.Context, dir string, x *Export) error {
	versions, err := model.Versions(dir)
	if err != nil {
		return err
	}
	current, currentErr := model.Current(dir)
	paths := map[string]string{}
	for _, m := range versions {
		paths[m.Version] = filepath.Join(dir, "versions", m.Version)
	}
	if len(paths) == 0 && currentErr == nil {
		paths[current] = dir // an artifact that lies alone
	}
	for _, version := range sortedKeys(paths) {
		if err := ctx.Err(); err != nil {
			return err
		}
		a, err := model.Open(paths[version], s.Kinds...)
		if err != nil {
			x.Models = append(x.Models, ExportedModel{Directory: dir, Version: version, Current: version == current, History: []Weighted{}, Error: err.Error()})
			continue
		}
		u, known := a.Users.Index(x.UserID)
		if !known {
			continue
		}
		m, err := exportModel(a, u)
		if err != nil {
			return err
		}
		m.Directory, m.Version, m.Current = dir, version, version == current
		x.Models = append(x.Models, *m)
	}
	return nil
}

func exportModel(a *model.Artifact, u int32) (*ExportedModel, error) {
	m := &ExportedModel{Kind: a.Manifest.Kind, History: []Weighted{}}
	items, weights := a.Interactions.Row(int(u))
	for p, i := range items {
		w := float32(1)
		if weights != nil {
			w = weights[p]
		}
		m.History = append(m.History, Weighted{a.Items.ID(i), w})
	}
	if a.Sequences != nil {
		items, times := a.Sequences.Of(int(u))
		for p, i := range items {
			m.Sequence = append(m.Sequence, Step{a.Items.ID(i), times[p]})
		}
	}
	if f := a.UserFeatures; f != nil {
		columns, _ := f.Matrix.Row(int(u))
		for _, c := range columns {
			m.Features = append(m.Features, f.Names[c])
		}
	}
	state, err := a.Model.State()
	if err != nil {
		return nil, err
	}
	for i := range state.Tensors {
		t := &state.Tensors[i]
		if row := userRow(t, int(u), a.Users.Len()); row != nil {
			if m.Parameters == nil {
				m.Parameters = make(map[string][]float64)
			}
			m.Parameters[t.Name] = row
		}
		if prefix, ok := strings.CutSuffix(t.Name, "session_owner"); ok {
			m.Sessions = append(m.Sessions, sessionsOf(&state, prefix, u, a.Items)...)
		}
	}
	return m, nil
}

// userRow is a user's row of an array of users, which has "user_" in its name.
func userRow(t *model.Tensor, u, users int) []float64 {
	if !strings.Contains(t.Name, "user_") || len(t.Shape) == 0 || u >= t.Shape[0] || t.Shape[0] > users || t.Float32 == nil {
		return nil
	}
	width := len(t.Float32) / t.Shape[0]
	if width == 0 || width*t.Shape[0] != len(t.Float32) || len(t.Shape) == 1 {
		return nil
	}
	row := make([]float64, width)
	for i, v := range t.Float32[u*width : (u+1)*width] {
		row[i] = float64(v)
	}
	return row
}

// sessionsOf are the user's sessions of a model that keeps sessions with their owners.
func sessionsOf(s *model.State, prefix string, u int32, ids *recsys.IDMap) [][]string {
	owner, err := s.Int32s(prefix+"session_owner", -1)
	if err != nil {
		return nil
	}
	start, err := s.Int64s(prefix+"session_indptr", owner.Len()+1)
	if err != nil {
		return nil
	}
	items, err := s.Int32s(prefix+"session_items", -1)
	if err != nil {
		return nil
	}
	var out [][]string
	for n, o := range owner.Int32 {
		if o != u {
			continue
		}
		visit := []string{}
		for _, i := range items.Int32[start.Int64[n]:start.Int64[n+1]] {
			visit = append(visit, ids.ID(i))
		}
		out = append(out, visit)
	}
	return out
}
