package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/durable"
)

// Segment is a sealed file of a journal.
type Segment struct {
	Path string
	// Journal is the ID of the journal, First the number of the segment's first event.
	Journal string
	First   int64
}

// Segments lists the sealed segments of a directory, those of one journal in their order. A
// directory that does not exist has none.
func Segments(dir string) ([]Segment, error) {
	names, err := list(dir)
	var found []Segment
	for _, name := range names {
		if s, ok := parseName(name); ok {
			s.Path = filepath.Join(dir, name)
			found = append(found, s)
		}
	}
	return found, err
}

// list returns the names in a directory, ascending.
func list(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("journal: %w", err)
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	slices.Sort(names)
	return names, nil
}

func parseName(name string) (s Segment, ok bool) {
	rest, ok := strings.CutPrefix(name, filePrefix)
	if !ok {
		return s, false
	}
	if rest, ok = strings.CutSuffix(rest, fileSuffix); !ok {
		return s, false
	}
	at := strings.LastIndexByte(rest, '-')
	if at < 1 {
		return s, false
	}
	first, err := strconv.ParseInt(rest[at+1:], 10, 64)
	return Segment{Journal: rest[:at], First: first}, err == nil && first > 0
}

// Read returns the events of the segment. Lines that were damaged after they had been written
// are set apart.
func (s Segment) Read() (*Records, error) {
	data, err := os.ReadFile(s.Path)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	return parse("journal:"+s.Journal, data), nil
}

// Filter rewrites the segment without the events that keep refuses, and returns how many those
// are; a segment of which nothing is left goes. Damaged lines go too, for nobody knows what is
// in them.
func (s Segment) Filter(keep func(recsys.Event) bool) (removed int, err error) {
	r, err := s.Read()
	if err != nil {
		return 0, err
	}
	var kept bytes.Buffer
	for i, e := range r.Events {
		if !keep(e) {
			removed++
			continue
		}
		line := event{Seq: r.Seqs[i], UserID: e.UserID, ItemID: e.ItemID, Time: e.Time, Qty: e.Qty, Type: e.Type}
		line.encode(&kept)
	}
	if removed == 0 && len(r.Bad) == 0 {
		return 0, nil
	}
	if kept.Len() == 0 {
		err = os.Remove(s.Path)
	} else {
		tmp := filepath.Join(filepath.Dir(s.Path), tmpPrefix+filepath.Base(s.Path))
		if err = durable.WriteFile(tmp, kept.Bytes()); err == nil {
			err = os.Rename(tmp, s.Path)
		}
	}
	if err == nil {
		err = durable.SyncDir(filepath.Dir(s.Path))
	}
	if err != nil {
		return 0, fmt.Errorf("journal: rewrite a segment: %w", err)
	}
	return removed, nil
}

// Recover seals the segments that servers left open when they were killed: what was not whole
// at the end of one had not been acknowledged, and is cut off. Segments of running servers are
// locked and left alone. It returns the number of segments that it sealed or, when they were
// empty, removed.
func Recover(ctx context.Context, dir string) (recovered int, err error) {
	names, err := list(dir)
	if err != nil {
		return 0, err
	}
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return recovered, err
		}
		if strings.HasPrefix(name, tmpPrefix) {
			sweep(filepath.Join(dir, name))
			continue
		}
		base, open := strings.CutSuffix(name, openSuffix)
		_, ours := parseName(base)
		if !open || !ours {
			continue
		}
		done, err := recoverOne(filepath.Join(dir, name))
		if err != nil {
			return recovered, fmt.Errorf("journal: recover %s: %w", name, err)
		}
		if done {
			recovered++
		}
	}
	return recovered, nil
}

// sweep removes what a server left that was killed while it made a segment.
func sweep(path string) {
	if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > time.Hour {
		_ = os.Remove(path) // the next one will try again
	}
}

func recoverOne(path string) (done bool, err error) {
	lock := flock.New(path, flock.SetFlag(os.O_RDWR))
	locked, err := lock.TryLock()
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil // sealed in the meantime
	}
	if err != nil || !locked {
		return false, errors.Join(err, lock.Close())
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	// The lock may be on a file that was sealed, and unlocked, since its name was read. Whoever
	// has this name now has been locked from the start.
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	data, err := os.ReadFile(path)
	if err != nil {
		return false, err
	}
	good := whole(data)
	if good == 0 {
		return true, os.Remove(path)
	}
	if good < int64(len(data)) {
		if err := errors.Join(f.Truncate(good), f.Sync()); err != nil {
			return false, err
		}
	}
	if err := os.Rename(path, strings.TrimSuffix(path, openSuffix)); err != nil {
		return false, err
	}
	return true, durable.SyncDir(filepath.Dir(path))
}
