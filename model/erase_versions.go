package model

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/recsys-lite/recsys/internal/durable"
	"github.com/recsys-lite/recsys/internal/forgotten"
)

// Erasure is what Erase did to one version.
type Erasure struct {
	// Version had the users; Became took its place. Became is empty when the version was
	// removed instead, being no whole artifact.
	Version, Became string
	// Kind is the algorithm, empty for what is no whole artifact.
	Kind string
	// Users is the number of users erased.
	Users int
	// Current: it was the version that is served.
	Current bool
}

// Erase rewrites every version under dir that holds a user for whom gone is true, or the
// artifact in dir itself. Versions are written once: the rewritten one gets a name of its own
// and the fit's time, takes the pointer over if the old one had it, so that a running server
// goes over to it, and then the old one is removed. After a crash at any point, every version
// is whole, and a second call completes what the first began.
//
// No version is published under dir meanwhile. Leftovers of writers that died are removed. A
// version that cannot be read is an error, after all others were rewritten: it may be a copy
// under way, and it may hold the user.
func (o Opener) Erase(ctx context.Context, dir string, gone func(userID string) bool) (done []Erasure, err error) {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	l, err := LockDir(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.Unlock()) }()
	unlock, err := forgotten.Lock(dir)
	if err != nil {
		return nil, err
	}
	defer unlock()
	entries, err := os.ReadDir(filepath.Join(dir, versionsDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var faults error
	for _, e := range entries {
		path := filepath.Join(dir, versionsDir, e.Name())
		if strings.HasPrefix(e.Name(), tmpPrefix) {
			if err := os.RemoveAll(path); err != nil {
				return done, err
			}
			done = append(done, Erasure{Version: e.Name()})
			continue
		}
		r, err := o.eraseVersion(ctx, dir, e.Name(), gone)
		if ctx.Err() != nil {
			return done, ctx.Err()
		}
		if err != nil {
			faults = errors.Join(faults, fmt.Errorf("version %s cannot be rewritten: complete its copy, or remove it, and run the deletion again: %w", path, err))
		}
		if r != nil {
			done = append(done, *r)
		}
	}
	r, err := o.eraseHere(ctx, dir, gone)
	if r != nil {
		done = append(done, *r)
	}
	return done, errors.Join(faults, err)
}

// holds opens an artifact if it has a user for whom gone is true; else it returns nil.
func (o Opener) holds(path string, gone func(string) bool) (*Artifact, error) {
	m, _, err := readManifest(path, nil)
	if err != nil {
		return nil, err
	}
	r := &reader{dir: path, a: &Artifact{Manifest: *m}}
	if r.files, err = readFiles(path, &Manifest{Files: only(m.Files, usersFile)}); err != nil {
		return nil, err
	}
	found := false
	r.table(usersFile, userFields, 0, m.Users, func(t *table) error {
		for _, id := range textsOf(t.cols[0]) {
			found = found || gone(id)
		}
		return nil
	})
	if r.err != nil || !found {
		return nil, r.err
	}
	return o.open(path)
}

func only(files []FileInfo, name string) []FileInfo {
	for _, f := range files {
		if f.Name == name {
			return []FileInfo{f}
		}
	}
	return nil
}

// eraseVersion returns nil when the version has none of the users.
func (o Opener) eraseVersion(ctx context.Context, dir, name string, gone func(string) bool) (*Erasure, error) {
	parent := filepath.Join(dir, versionsDir)
	a, err := o.holds(filepath.Join(parent, name), gone)
	if err != nil || a == nil {
		return nil, err
	}
	isCurrent := strings.TrimSpace(readPointer(dir)) == name
	r, err := o.replace(ctx, dir, name, a, gone)
	if err != nil {
		return nil, err
	}
	if r.Current = isCurrent; isCurrent {
		if err := point(dir, r.Became); err != nil {
			return nil, err
		}
	}
	return r, remove(parent, name)
}

// replace adds the version that takes the place of a, the artifact of the given name, unless
// that was done before a crash.
func (o Opener) replace(ctx context.Context, dir, name string, a *Artifact, gone func(string) bool) (*Erasure, error) {
	r := &Erasure{Version: name, Kind: a.Manifest.Kind}
	for _, id := range a.Users.IDs() {
		if gone(id) {
			r.Users++
		}
	}
	var err error
	if r.Became, err = o.begun(dir, name, gone); err != nil || r.Became != "" {
		return r, err
	}
	b, _, err := a.WithoutUsers(ctx, gone)
	if err != nil {
		return nil, err
	}
	if err := b.note(0, name); err != nil {
		return nil, err
	}
	b.Manifest.Version = ""
	r.Became, err = add(ctx, dir, b, erasedName(name))
	return r, err
}

// erasedName counts how often a version was rewritten: X, X-e1, X-e2. A name never comes back,
// for it is by its name that a server tells a model from the one it has.
func erasedName(name string) string {
	count := 1
	if at := strings.LastIndex(name, "-e"); at > 0 {
		if n, err := strconv.Atoi(name[at+2:]); err == nil {
			name, count = name[:at], n+1
		}
	}
	return fmt.Sprintf("%s-e%d", name, count)
}

// begun finds the version that took the place of the named one when a crash kept that from
// being removed.
func (o Opener) begun(dir, name string, gone func(string) bool) (string, error) {
	versions, err := Versions(dir)
	if err != nil {
		return "", err
	}
	for _, m := range versions {
		var note erasureNote
		if json.Unmarshal(m.Annotations[ErasureAnnotation], &note) != nil || note.Of != name {
			continue
		}
		if a, err := o.holds(filepath.Join(dir, versionsDir, m.Version), gone); err == nil && a == nil {
			if _, err := Verify(filepath.Join(dir, versionsDir, m.Version)); err == nil {
				return m.Version, nil
			}
		}
	}
	return "", nil
}

// eraseHere rewrites the artifact that dir itself is, if it is one: it becomes a version under
// dir, which the pointer puts in force, and then its files go.
func (o Opener) eraseHere(ctx context.Context, dir string, gone func(string) bool) (*Erasure, error) {
	if _, err := os.Stat(filepath.Join(dir, manifestFile)); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	a, err := o.holds(dir, gone)
	if err != nil || a == nil {
		return nil, err
	}
	isCurrent := readPointer(dir) == ""
	r, err := o.replace(ctx, dir, a.Manifest.Version, a, gone)
	if err != nil {
		return nil, err
	}
	if r.Current = isCurrent; isCurrent {
		if err := point(dir, r.Became); err != nil {
			return nil, err
		}
	}
	// The manifest last: as long as it is there, the others can be found.
	for _, f := range append(a.Manifest.Files, FileInfo{Name: manifestFile}) {
		if err := os.Remove(filepath.Join(dir, f.Name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return r, durable.SyncDir(dir)
}
