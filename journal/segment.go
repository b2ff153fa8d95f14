package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"github.com/recsys-lite/recsys/internal/durable"
)

const (
	filePrefix = "journal-"
	fileSuffix = ".jsonl"
	openSuffix = ".open"
	tmpPrefix  = ".tmp-journal-"
)

// segment is a file that is being written.
type segment struct {
	path string // with openSuffix
	file *os.File
	lock *flock.Flock
	// size is the length of what is durable. A broken segment takes no more: after a failed
	// sync nobody knows what the system has kept of the file's end.
	size           int64
	broken, sealed bool
}

// newSegment makes an empty segment. It gets its name when the lock on it is held, so that
// nobody takes it for one that was left behind.
func newSegment(dir, id string, first int64) (_ *segment, err error) {
	name := fmt.Sprintf("%s%s-%020d%s", filePrefix, id, first, fileSuffix)
	tmp := filepath.Join(dir, tmpPrefix+id)
	s := &segment{path: filepath.Join(dir, name+openSuffix)}
	if s.file, err = os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	s.lock = flock.New(tmp, flock.SetFlag(os.O_RDWR))
	locked, err := s.lock.TryLock()
	if err == nil && !locked {
		err = errors.New("somebody else has locked it")
	}
	if err == nil {
		err = os.Rename(tmp, s.path)
	}
	if err == nil {
		err = durable.SyncDir(dir)
	}
	if err != nil {
		err = errors.Join(err, s.file.Close(), s.lock.Close())
		_ = os.Remove(tmp)
		_ = os.Remove(s.path)
		return nil, fmt.Errorf("journal: new segment %s: %w", name, err)
	}
	return s, nil
}

// append makes lines durable, or takes them back.
func (s *segment) append(lines []byte) error {
	if s.broken {
		return fmt.Errorf("journal: %s could not be written before and not be sealed since", s.path)
	}
	_, err := s.file.WriteAt(lines, s.size)
	if err == nil {
		err = s.file.Sync()
	}
	if err == nil {
		s.size += int64(len(lines))
		return nil
	}
	s.broken = true
	return fmt.Errorf("journal: %w", err)
}

// seal ends the segment: it gets the name under which a worker takes it, or goes if nothing
// is in it. As long as it is not sealed, seal can be called again after an error.
func (s *segment) seal() error {
	if s.broken {
		if err := errors.Join(s.file.Truncate(s.size), s.file.Sync()); err != nil {
			return fmt.Errorf("journal: take back what was not kept of %s: %w", s.path, err)
		}
	}
	var err error
	if s.size == 0 {
		err = os.Remove(s.path)
	} else {
		err = os.Rename(s.path, s.path[:len(s.path)-len(openSuffix)])
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("journal: %w", err)
	}
	if err != nil {
		err = fmt.Errorf("journal: somebody has removed a segment that the worker had not taken: %w", err)
	} else {
		// Without this sync a crash brings the old name back, and Recover finds it.
		err = durable.SyncDir(filepath.Dir(s.path))
	}
	s.sealed = true
	return errors.Join(err, s.file.Close(), s.lock.Close())
}
