package tune

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/recsys-lite/recsys/internal/durable"
)

// A study file is JSON lines: a head, then a [Trial] per line, each synced to the disk before
// the next trial starts. A last line without its line feed is what a crash left of a trial
// and is cut off.

// fileVersion is the version of the format; there is one.
const fileVersion = 1

const fileFormat = "recsys-study"

var (
	// ErrOtherStudy: the file belongs to a study of something else.
	ErrOtherStudy = errors.New("a study of something else")
	// ErrCorrupt: the file is no study file or was altered.
	ErrCorrupt = errors.New("corrupt study file")
	// ErrInUse: another process has the study open.
	ErrInUse = errors.New("study in use")
)

// head is the first line.
type head struct {
	Format        string            `json:"format"`
	FormatVersion int               `json:"format_version"`
	Seed          uint64            `json:"seed"`
	Stages        int               `json:"stages"`
	Space         []string          `json:"space"`
	About         map[string]string `json:"about,omitempty"`
}

func (s *Study) head() head {
	h := head{Format: fileFormat, FormatVersion: fileVersion, Seed: s.o.Seed, Stages: s.o.Stages, About: s.o.About}
	for _, p := range s.o.Space {
		h.Space = append(h.Space, Describe(p))
	}
	return h
}

// file appends to a study file.
type file struct {
	f    *os.File
	path string
}

// Open returns the study kept in the file at path, with the trials that are there, or a new one.
// Close it. The error wraps ErrOtherStudy when the file's seed, stages, space or About differ
// from o, ErrCorrupt, ErrInUse or recsys.ErrInvalidConfig.
func Open(path string, o Options) (*Study, error) {
	s, err := New(o)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	s.file = &file{f, path}
	if err := s.read(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return s, nil
}

// Close ends the use of the file.
func (s *Study) Close() error {
	if s.file == nil {
		return nil
	}
	return s.file.f.Close()
}

// Dropped is the number of bytes of an unfinished line that Open cut off.
func (s *Study) Dropped() int { return s.dropped }

func (s *Study) read() error {
	if err := lock(s.file.f); err != nil {
		return fmt.Errorf("%w: %s: %w: wait for the other process, or write elsewhere", ErrInUse, s.file.path, err)
	}
	text, err := io.ReadAll(s.file.f)
	if err != nil {
		return err
	}
	whole := bytes.LastIndexByte(text, '\n') + 1
	if s.dropped = len(text) - whole; s.dropped > 0 {
		if whole == 0 && !bytes.HasPrefix([]byte(`{"format":"`+fileFormat), text[:min(len(text), 20)]) {
			return fmt.Errorf("%w: %s is not a study file", ErrCorrupt, s.file.path)
		}
		if err := s.file.f.Truncate(int64(whole)); err != nil {
			return err
		}
		if _, err := s.file.f.Seek(int64(whole), io.SeekStart); err != nil {
			return err
		}
	}
	if whole == 0 {
		if err := s.file.append(s.head()); err != nil {
			return err
		}
		return durable.SyncDir(filepath.Dir(s.file.path))
	}
	return s.decode(text[:whole])
}

func (s *Study) decode(text []byte) error {
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, len(text)+1)
	for n := 0; lines.Scan(); n++ {
		if n == 0 {
			var h head
			if err := json.Unmarshal(lines.Bytes(), &h); err != nil || h.Format != fileFormat || h.FormatVersion < 1 {
				return fmt.Errorf("%w: %s: line 1 is no head of a study file", ErrCorrupt, s.file.path)
			}
			if h.FormatVersion > fileVersion {
				return fmt.Errorf("%w: %s has format version %d, this release knows up to %d", ErrOtherStudy, s.file.path, h.FormatVersion, fileVersion)
			}
			if diff := s.head().differences(h); len(diff) > 0 {
				return fmt.Errorf("%w: %s: %s", ErrOtherStudy, s.file.path, strings.Join(diff, "; "))
			}
			continue
		}
		var t Trial
		if err := json.Unmarshal(lines.Bytes(), &t); err != nil {
			return fmt.Errorf("%w: %s: line %d: %w", ErrCorrupt, s.file.path, n+1, err)
		}
		if err := s.check(&t, n-1); err != nil {
			return fmt.Errorf("%w: %s: line %d: %w", ErrCorrupt, s.file.path, n+1, err)
		}
		s.note(t)
	}
	return lines.Err()
}

// check makes sure of what the search relies on.
func (s *Study) check(t *Trial, number int) error {
	want := len(t.Values)
	switch t.State {
	case Complete:
		want = s.o.Stages
	case Pruned:
		want = min(max(want, 1), s.o.Stages-1)
	case Failed:
	default:
		return fmt.Errorf("trial %d is %q", t.Number, t.State)
	}
	if t.Number != number || len(t.Values) != want {
		return fmt.Errorf("trial %d with %d values in the place of trial %d", t.Number, len(t.Values), number)
	}
	return nil
}

// differences says, of what the two heads do not share, what the file has and what is wanted.
func (h head) differences(file head) []string {
	var out []string
	differ := func(what string, file, wanted any) {
		if a, b := fmt.Sprint(file), fmt.Sprint(wanted); a != b {
			out = append(out, fmt.Sprintf("%s was %s, is now %s", what, a, b))
		}
	}
	all := maps.Clone(h.About)
	if all == nil {
		all = make(map[string]string)
	}
	maps.Copy(all, file.About)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		differ(name, file.About[name], h.About[name])
	}
	differ("the space", strings.Join(file.Space, ", "), strings.Join(h.Space, ", "))
	differ("the seed", file.Seed, h.Seed)
	differ("the number of stages", file.Stages, h.Stages)
	return out
}

// append writes a line and waits for the disk. A line that could not be written whole is taken
// back, so that the file stays readable.
func (f *file) append(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	at, err := f.f.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	if _, err = f.f.Write(append(line, '\n')); err == nil {
		err = f.f.Sync()
	}
	if err != nil {
		return errors.Join(fmt.Errorf("study file: %w", err), f.f.Truncate(at))
	}
	return nil
}
