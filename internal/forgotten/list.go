// Package forgotten keeps the list of forgotten users that lies beside a model's pointer:
// package gdpr writes it, package model publishes nobody who is on it, and a server asks it
// on every request.
package forgotten

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/recsys-lite/recsys/internal/durable"
)

// File is the name of the list, in the directory of versions.
const File = "forgotten.json"

// fileContent is that file. A user stands there as HMAC-SHA256(key, id): whoever has the
// file can test an id, as the server must, and cannot read one out of it.
type fileContent struct {
	Key    string   `json:"key"`    // 32 random bytes, in hex
	Hashes []string `json:"hashes"` // in hex
}

// lease is for how long a List trusts what it has seen. Who changes the file waits that long
// before it is done, so that the change holds for every request after it.
const lease = time.Millisecond

// List answers whether a user was forgotten, by the file forgotten.json of a model
// directory. It notices a change of the file by itself, so that a deletion by another process
// holds for the next request. It is safe for concurrent use.
type List struct {
	path    string
	onError func(error)
	began   time.Time
	looked  atomic.Int64 // when the file was last looked at: nanoseconds after began
	reading sync.Mutex
	seen    atomic.Pointer[state]
}

// state is the list as it was when the file was last read.
type state struct {
	file   os.FileInfo // nil before the first file
	key    []byte
	hashes map[[sha256.Size]byte]bool
	failed string // the last complaint, which is made once
}

// Open returns the list of the given model directory; there need be neither a list
// nor a directory yet. onError, if not nil, is told when the file cannot be read; the list
// that was read before then stays in force. Neither does it end when the file vanishes: a list
// without users is a file without hashes.
func Open(modelDir string, onError func(error)) *List {
	f := &List{path: filepath.Join(modelDir, File), onError: onError, began: time.Now()}
	f.seen.Store(&state{})
	f.look()
	return f
}

// Contains reports whether the user was forgotten. It costs one hash when there are
// forgotten users, and once in a while a stat of the file.
func (f *List) Contains(userID string) bool {
	s := f.current()
	if len(s.hashes) == 0 {
		return false
	}
	return s.hashes[keyedHash(s.key, userID)]
}

// Len is the number of forgotten users.
func (f *List) Len() int { return len(f.current().hashes) }

// current is the list as it is, or was less than a lease ago.
func (f *List) current() *state {
	at := int64(time.Since(f.began))
	if at-f.looked.Load() < int64(lease) {
		return f.seen.Load()
	}
	s := f.look()
	f.looked.Store(at) // the time before the look
	return s
}

// look reads the file again if it is another one than before.
func (f *List) look() *state {
	s := f.seen.Load()
	info, err := os.Stat(f.path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && s.file != nil && sameFile(s.file, info) && s.failed == "" {
		return s
	}
	f.reading.Lock()
	defer f.reading.Unlock()
	s = f.seen.Load()
	// The state before reading: what is written meanwhile makes another one.
	if info, err = os.Stat(f.path); err == nil && s.file != nil && sameFile(s.file, info) && s.failed == "" {
		return s
	}
	next := &state{file: info}
	if err == nil {
		next.key, next.hashes, err = read(f.path)
	}
	if err != nil {
		next = &state{file: s.file, key: s.key, hashes: s.hashes, failed: err.Error()}
		if f.onError != nil && next.failed != s.failed {
			f.onError(err)
		}
	}
	f.seen.Store(next)
	return next
}

func sameFile(a, b os.FileInfo) bool {
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

func read(path string) (key []byte, hashes map[[sha256.Size]byte]bool, err error) {
	list, err := load(path)
	if err != nil {
		return nil, nil, err
	}
	key, err = hex.DecodeString(list.Key)
	if err != nil || len(key) == 0 {
		return nil, nil, fmt.Errorf("%s: its key is not in hex: restore the file, or forget the users again", path)
	}
	hashes = make(map[[sha256.Size]byte]bool, len(list.Hashes))
	for _, h := range list.Hashes {
		b, err := hex.DecodeString(h)
		if err != nil || len(b) != sha256.Size {
			return nil, nil, fmt.Errorf("%s: %.80q is no SHA-256 in hex: restore the file, or forget the users again", path, h)
		}
		hashes[[sha256.Size]byte(b)] = true
	}
	return key, hashes, nil
}

// Read returns a test for the users on the list as it is now, nil when there are none. Unlike
// Open it fails when the file cannot be read.
func Read(modelDir string) (contains func(userID string) bool, err error) {
	key, hashes, err := read(filepath.Join(modelDir, File))
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(hashes) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return func(userID string) bool { return hashes[keyedHash(key, userID)] }, nil
}

func load(path string) (*fileContent, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	list := new(fileContent)
	if err := json.Unmarshal(text, list); err != nil {
		return nil, fmt.Errorf("%s: it is not the JSON that gdpr delete-user writes: %w", path, err)
	}
	return list, nil
}

func keyedHash(key []byte, userID string) (sum [sha256.Size]byte) {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(userID))
	m.Sum(sum[:0])
	return sum
}

// Add puts users on the list of a model directory, which exists; running servers
// stop answering for them at their next request. The file is replaced in one step and is
// readable for its owner alone.
func Add(modelDir string, userIDs ...string) error {
	return changeList(modelDir, func(key []byte, hashes []string) []string {
		have := make(map[string]bool, len(hashes))
		for _, h := range hashes {
			have[h] = true
		}
		for _, id := range userIDs {
			sum := keyedHash(key, id)
			if h := hex.EncodeToString(sum[:]); !have[h] {
				have[h], hashes = true, append(hashes, h)
			}
		}
		return hashes
	})
}

// Lift takes users off the list again.
func Lift(modelDir string, userIDs ...string) error {
	if _, err := os.Stat(filepath.Join(modelDir, File)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return changeList(modelDir, func(key []byte, hashes []string) []string {
		lifted := make(map[string]bool)
		for _, id := range userIDs {
			sum := keyedHash(key, id)
			lifted[hex.EncodeToString(sum[:])] = true
		}
		kept := []string{}
		for _, h := range hashes {
			if !lifted[h] {
				kept = append(kept, h)
			}
		}
		return kept
	})
}

// changeList replaces the list by what change makes of it, one process at a time.
func changeList(modelDir string, change func(key []byte, hashes []string) []string) error {
	unlock, err := Lock(modelDir)
	if err != nil {
		return err
	}
	defer unlock()
	path := filepath.Join(modelDir, File)
	list, err := load(path)
	var key []byte
	switch {
	case errors.Is(err, fs.ErrNotExist):
		key = make([]byte, 32)
		rand.Read(key)
		list = &fileContent{Key: hex.EncodeToString(key), Hashes: []string{}}
	case err != nil:
		return err
	default:
		if key, _, err = read(path); err != nil {
			return err
		}
	}
	list.Hashes = change(key, list.Hashes)
	text, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return err
	}
	if err := durable.Replace(path, append(text, '\n'), 0o600); err != nil {
		return err
	}
	defer time.Sleep(lease)
	return durable.SyncDir(modelDir)
}
