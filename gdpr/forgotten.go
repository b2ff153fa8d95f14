package gdpr

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

	"github.com/google/renameio/v2"
)

// ForgottenFile is the name of the list of forgotten users, which lies beside a model's
// pointer, in the directory of versions.
const ForgottenFile = "forgotten.json"

// forgottenList is that file. A user stands there as HMAC-SHA256(key, id): whoever has the
// file can test an id, as the server must, and cannot read one out of it.
type forgottenList struct {
	Key    string   `json:"key"`    // 32 random bytes, in hex
	Hashes []string `json:"hashes"` // in hex
}

// Forgotten answers whether a user was forgotten, by the file forgotten.json of a model
// directory. It notices a change of the file by itself, so that a deletion by another process
// holds for the next request. It is safe for concurrent use.
type Forgotten struct {
	path    string
	onError func(error)
	reading sync.Mutex
	seen    atomic.Pointer[forgottenState]
}

// forgottenState is the list as it was when the file was last read.
type forgottenState struct {
	file   os.FileInfo // nil before the first file
	key    []byte
	hashes map[[sha256.Size]byte]bool
	failed string // the last complaint, which is made once
}

// OpenForgotten returns the list of the given model directory; there need be neither a list
// nor a directory yet. onError, if not nil, is told when the file cannot be read; the list
// that was read before then stays in force. Neither does it end when the file vanishes: a list
// without users is a file without hashes.
func OpenForgotten(modelDir string, onError func(error)) *Forgotten {
	f := &Forgotten{path: filepath.Join(modelDir, ForgottenFile), onError: onError}
	f.seen.Store(&forgottenState{})
	f.refresh()
	return f
}

// Contains reports whether the user was forgotten. It costs one stat of the file, and one hash
// when there are forgotten users.
func (f *Forgotten) Contains(userID string) bool {
	s := f.refresh()
	if len(s.hashes) == 0 {
		return false
	}
	return s.hashes[keyedHash(s.key, userID)]
}

// Len is the number of forgotten users.
func (f *Forgotten) Len() int { return len(f.refresh().hashes) }

// refresh reads the file again if it is another one than before.
func (f *Forgotten) refresh() *forgottenState {
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
	next := &forgottenState{file: info}
	if err == nil {
		next.key, next.hashes, err = readForgotten(f.path)
	}
	if err != nil {
		next = &forgottenState{file: s.file, key: s.key, hashes: s.hashes, failed: err.Error()}
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

func readForgotten(path string) (key []byte, hashes map[[sha256.Size]byte]bool, err error) {
	list, err := loadList(path)
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

func loadList(path string) (*forgottenList, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	list := new(forgottenList)
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

// AddForgotten puts users on the list of a model directory, which exists; running servers
// stop answering for them at their next request. The file is replaced in one step and is
// readable for its owner alone.
func AddForgotten(modelDir string, userIDs ...string) error {
	return changeForgotten(modelDir, func(key []byte, hashes []string) []string {
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

// LiftForgotten takes users off the list again.
func LiftForgotten(modelDir string, userIDs ...string) error {
	if _, err := os.Stat(filepath.Join(modelDir, ForgottenFile)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return changeForgotten(modelDir, func(key []byte, hashes []string) []string {
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

// changeForgotten replaces the list by what change makes of it, one process at a time.
func changeForgotten(modelDir string, change func(key []byte, hashes []string) []string) error {
	unlock, err := lockDir(modelDir)
	if err != nil {
		return err
	}
	defer unlock()
	path := filepath.Join(modelDir, ForgottenFile)
	list, err := loadList(path)
	var key []byte
	switch {
	case errors.Is(err, fs.ErrNotExist):
		key = make([]byte, 32)
		rand.Read(key)
		list = &forgottenList{Key: hex.EncodeToString(key), Hashes: []string{}}
	case err != nil:
		return err
	default:
		if key, _, err = readForgotten(path); err != nil {
			return err
		}
	}
	list.Hashes = change(key, list.Hashes)
	text, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return err
	}
	if err := renameio.WriteFile(path, append(text, '\n'), 0o600); err != nil {
		return err
	}
	return syncDir(modelDir)
}

// syncDir makes the names in a directory durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
