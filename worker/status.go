package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/recsys-lite/recsys/internal/durable"
	"github.com/recsys-lite/recsys/model"
)

// Status is how the worker of a model directory fares. It lies beside the model's pointer, in
// the file model.WorkerFile, for a server to show. It names no users.
type Status struct {
	// LastTick is when the last tick ended, TookMS how long it took.
	LastTick time.Time `json:"last_tick,omitzero"`
	TookMS   int64     `json:"took_ms"`
	// IntervalS is the time between ticks in seconds, 0 where somebody else calls for each.
	IntervalS float64 `json:"interval_s"`
	// Events were imported by that tick, Users refitted, NewItems given vectors.
	Events   int64 `json:"events"`
	Users    int   `json:"users"`
	NewItems int   `json:"new_items"`
	// Version was published by that tick, empty where nothing was new.
	Version string `json:"version"`
	// Error is why that tick failed, empty where it did not.
	Error string `json:"error"`
	// Published is the last version that a tick published.
	Published *Published `json:"published,omitempty"`
	// Quarantined tells of the files in quarantine, nil where there are none.
	Quarantined *Quarantined `json:"quarantined,omitempty"`
	// NextRetrain is when the next retraining is due, zero without a schedule.
	NextRetrain time.Time `json:"next_retrain,omitzero"`
	// Retrain is what the last retraining came to.
	Retrain *RetrainStatus `json:"retrain,omitempty"`
}

// Published is a version and when it was published.
type Published struct {
	Version string    `json:"version"`
	At      time.Time `json:"at"`
}

// Quarantined is what lies in quarantine: Files files, the last of them since At for Reason.
type Quarantined struct {
	Files  int       `json:"files"`
	File   string    `json:"file"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
}

// RetrainStatus is what a retraining came to: a version and the gate's decision, or an error.
type RetrainStatus struct {
	At       time.Time `json:"at"`
	Version  string    `json:"version"`
	Promoted bool      `json:"promoted"`
	Reason   string    `json:"reason"`
	Error    string    `json:"error"`
}

// maxStatus bounds the file; what a worker writes is about a kilobyte.
const maxStatus = 64 << 10

// ReadStatus reads what the worker of a model directory wrote last; nil when none has run there.
func ReadStatus(modelDir string) (*Status, error) {
	path := filepath.Join(modelDir, model.WorkerFile)
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxStatus+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxStatus {
		return nil, fmt.Errorf("%s is longer than %d bytes: no worker wrote it, remove it", path, maxStatus)
	}
	s := new(Status)
	if err := json.Unmarshal(text, s); err != nil {
		return nil, fmt.Errorf("%s is damaged, the worker's next tick replaces it: %w", path, err)
	}
	return s, nil
}

// statusKeeper keeps the file up to date. Ticks and a retraining write to it.
type statusKeeper struct {
	mu        sync.Mutex
	read      bool // what an earlier worker left
	now       Status
	complaint string
}

// plan notes what Run is going to do.
func (w *Worker) plan(interval time.Duration, retrain time.Time) {
	w.keep(nil, func(s *Status) { s.IntervalS, s.NextRetrain = interval.Seconds(), retrain.UTC() })
}

// ticked notes what a tick did; one that was told to stop did not fail.
func (w *Worker) ticked(ctx context.Context, r *Report, start time.Time, err error) {
	if err != nil && ctx.Err() != nil {
		return
	}
	now := time.Now()
	w.keep(w.writeStatus, func(s *Status) {
		s.LastTick, s.TookMS = now.UTC().Truncate(time.Millisecond), now.Sub(start).Milliseconds()
		s.Events, s.Users, s.NewItems = r.Imported.Events+int64(r.Imported.JournalEvents), r.Update.Users, r.Update.NewItems
		s.Version, s.Error = r.Version, withoutValues(err)
		if r.Version != "" {
			s.Published = &Published{r.Version, s.LastTick}
		}
		s.Quarantined = w.inbox.quarantined()
	})
	w.at("status")
}

// retrained notes what a retraining came to.
func (w *Worker) retrained(ctx context.Context, r *Retrained, err error) {
	if err != nil && ctx.Err() != nil {
		return
	}
	out := &RetrainStatus{At: time.Now().UTC().Truncate(time.Millisecond), Error: withoutValues(err)}
	if r != nil {
		out.Version, out.Promoted, out.Reason = r.Version, r.Decision.Promoted, r.Decision.Reason
	}
	w.keep(w.writeStatus, func(s *Status) { s.Retrain = out })
}

// keep changes the status. The file is for people: what is wrong with it is said once, and
// stops nothing.
func (w *Worker) keep(write func(*Status) error, change func(*Status)) {
	k := &w.status
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.read {
		k.read = true
		if old, err := ReadStatus(w.cfg.ModelDir); err == nil && old != nil {
			k.now = *old
			k.now.IntervalS, k.now.NextRetrain = 0, time.Time{}
		}
	}
	change(&k.now)
	if write == nil {
		return
	}
	err := write(&k.now)
	if err == nil {
		k.complaint = ""
	} else if text := err.Error(); text != k.complaint {
		k.complaint = text
		w.log.Warn("the worker's status cannot be written, dashboards show an old one", "error", err)
	}
}

func (w *Worker) writeStatus(s *Status) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(w.cfg.ModelDir, 0o777); err != nil {
		return err
	}
	return durable.Replace(filepath.Join(w.cfg.ModelDir, model.WorkerFile), append(text, '\n'), 0o644)
}

// quarantined looks at what lies in quarantine: what somebody has taken away counts no more.
func (b *Inbox) quarantined() *Quarantined {
	if b == nil {
		return nil
	}
	dir := filepath.Join(b.Dir, quarantineDir)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil // none was made yet; an import says what else is wrong with it
	}
	there := make(map[string]bool, len(entries))
	for _, e := range entries {
		there[e.Name()] = true
	}
	var q Quarantined
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), reasonSuffix)
		if !ok || !there[name] {
			continue
		}
		q.Files++
		if info, err := e.Info(); err == nil && !info.ModTime().Before(q.At) {
			q.File, q.At = name, info.ModTime()
		}
	}
	if q.Files == 0 {
		return nil
	}
	q.At = q.At.UTC().Truncate(time.Second)
	q.Reason = reasonOf(filepath.Join(dir, q.File+reasonSuffix))
	q.File = shortened(q.File)
	return &q
}

// reasonOf reads the text beside a file: a line with the time, one with path and reason.
func reasonOf(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxStatus))
	if err != nil {
		return ""
	}
	_, reason, _ := strings.Cut(string(text), "\n")
	return withoutValues(errors.New(quarantinedPath.ReplaceAllString(reason, "")))
}

var quarantinedPath = regexp.MustCompile(`(?i)^.*\.(?:parquet|jsonl): `)

// quotation is what a message quotes: a value of the data, as likely as not.
var quotation = regexp.MustCompile("\"(?:[^\"\\\\]|\\\\.)*\"|\\B'[^']*'|`[^`]*`")

// withoutValues is the first line of a message without what it quotes, which may be the id of
// a user. The log has all of it.
func withoutValues(err error) string {
	if err == nil {
		return ""
	}
	line, _, _ := strings.Cut(strings.TrimSpace(err.Error()), "\n")
	return shortened(quotation.ReplaceAllString(line, "“…”"))
}

// shortened bounds a text of the status.
func shortened(text string) string {
	const most = 400
	if text = strings.ToValidUTF8(text, "�"); len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
