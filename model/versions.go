package model

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/recsys-lite/recsys/internal/durable"
	"github.com/recsys-lite/recsys/internal/forgotten"
)

// A directory of versions holds
//
//	current                          the name of the version to serve, and a line feed
//	versions/als-20260101T020304Z/   an artifact
//	worker.json                      how the worker fares (package worker); not of the model
//
// A copy of such a directory over another one (cp -r NEW/* CURRENT/) adds the new version
// and then, or before, the pointer to it; Open refuses the pointer until the version is whole.
const (
	currentFile = "current"
	versionsDir = "versions"
	tmpPrefix   = ".tmp-"
)

// WorkerFile is the name of the file beside the pointer in which the worker says how it fares.
// Package worker writes and reads it; it is no part of a model or of a backup.
const WorkerFile = "worker.json"

// leftoverAge is how long a directory that is no artifact is taken for one under way.
const leftoverAge = time.Hour

// Publish writes a as a new version under dir, named after its kind and Created, and makes it
// the current one. It fills in a.Manifest and returns the version's name.
func Publish(ctx context.Context, dir string, a *Artifact) (version string, err error) {
	l, err := LockDir(ctx, dir)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, l.Unlock()) }()
	return l.Publish(ctx, a)
}

// Add is Publish without making the version the current one: for a model that has yet to earn
// its place (Promote). Users on the directory's list of forgotten ones (package gdpr) are
// erased from what is written, and from a.Model: whoever was forgotten while a model was
// fitted does not come back with it.
func Add(ctx context.Context, dir string, a *Artifact) (version string, err error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", err
	}
	unlock, err := forgotten.Lock(dir)
	if err != nil {
		return "", err
	}
	defer unlock()
	gone, err := forgotten.Read(dir)
	if err != nil {
		return "", err
	}
	clean := a
	if gone != nil {
		if clean, _, err = a.WithoutUsers(ctx, gone); err != nil {
			return "", err
		}
	}
	if version, err = add(ctx, dir, clean, ""); err != nil {
		return "", err
	}
	a.Manifest = clean.Manifest
	return version, nil
}

// add writes a version under the given name or, if that is taken, one with a number behind it;
// an empty name stands for the kind and Created. Its caller has the directory's lock.
func add(ctx context.Context, dir string, a *Artifact, name string) (version string, err error) {
	if !validName.MatchString(a.Manifest.Kind) {
		return "", fmt.Errorf("artifact of kind %q: the name of a kind is letters, digits, dots, dashes and underscores", a.Manifest.Kind)
	}
	parent := filepath.Join(dir, versionsDir)
	s, err := stage(ctx, parent, a)
	if err != nil {
		return "", err
	}
	defer s.discard()
	if name == "" {
		name = versionName(s.manifest.Kind, s.manifest.Created)
	}
	version = name
	for n := 2; ; n++ {
		path := filepath.Join(parent, version)
		if _, statErr := os.Lstat(path); statErr != nil {
			s.manifest.Version = version
			if err = s.commit(path); err == nil {
				a.Manifest = *s.manifest
				return version, nil
			}
			if _, statErr := os.Lstat(path); statErr != nil {
				return "", err
			}
		}
		version = fmt.Sprintf("%s-%d", name, n) // two in one second
	}
}

// Promote makes a version of dir the current one, after checking that it is whole. The
// pointer is replaced in one step: a reader sees the old version or the new one.
func Promote(dir, version string) (err error) {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %s does not exist: train a model into it", ErrNoArtifact, dir)
	}
	l, err := LockDir(context.Background(), dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Unlock()) }()
	return l.Promote(version)
}

func promote(dir, version string) error {
	if !validName.MatchString(version) {
		return fmt.Errorf("%w: %q is no name of a version of %s", ErrNoArtifact, version, dir)
	}
	path := filepath.Join(dir, versionsDir, version)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %s has no version %q: %s", ErrNoArtifact, dir, version, known(dir))
	}
	if _, err := Verify(path); err != nil {
		return err
	}
	return point(dir, version)
}

func point(dir, version string) error {
	if err := durable.Replace(filepath.Join(dir, currentFile), []byte(version+"\n"), 0o644); err != nil {
		return err
	}
	return durable.SyncDir(dir)
}

// Current returns the name of the version that Open would read, by a look at the pointer or
// the manifest: cheap enough to poll. The errors are those of Open.
func Current(dir string) (string, error) {
	path, err := resolve(dir)
	if err != nil {
		return "", err
	}
	if path != filepath.Clean(dir) {
		return filepath.Base(path), nil
	}
	m, _, err := readManifest(path, nil)
	if err != nil {
		return "", err
	}
	return m.Version, nil
}

// Versions returns the manifests of the whole versions under dir, newest first, by their
// manifests alone (Verify checks the files).
func Versions(dir string) ([]*Manifest, error) {
	entries, err := os.ReadDir(filepath.Join(dir, versionsDir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []*Manifest
	for _, e := range entries {
		if m := manifestOf(dir, e.Name()); m != nil {
			all = append(all, m)
		}
	}
	slices.SortStableFunc(all, func(a, b *Manifest) int {
		if c := b.Created.Compare(a.Created); c != 0 {
			return c
		}
		return strings.Compare(b.Version, a.Version)
	})
	return all, nil
}

// manifestOf returns the manifest of a version, nil when it has none. The directory's name
// counts, should somebody have renamed it.
func manifestOf(dir, name string) *Manifest {
	if !validName.MatchString(name) {
		return nil
	}
	m, _, err := readManifest(filepath.Join(dir, versionsDir, name), nil)
	if err != nil {
		return nil
	}
	m.Version = name
	return m
}

// Prune removes all but the newest keep versions of dir; keep is at least 1. It never removes
// the current one, nor the one that Previous names. Directories that are no artifact (what a
// crash or an interrupted copy left) go when nothing in them has changed for an hour. It returns
// the names of what it removed. It takes the lock of dir: no version becomes the current one
// while it is being removed.
func Prune(dir string, keep int) (removed []string, err error) {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	l, err := LockDir(context.Background(), dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.Unlock()) }()
	return l.Prune(keep)
}

func prune(dir string, keep int) (removed []string, err error) {
	current, err := Current(dir)
	if err != nil && !errors.Is(err, ErrNoArtifact) {
		return nil, err // without knowing the live version nothing is removed
	}
	whole, err := Versions(dir)
	if err != nil {
		return nil, err
	}
	// Updates, which come often, must not push out the model that they could fall back to.
	previous := ""
	if p := previousOf(whole, current); p != nil && isUpdate(whole, current) {
		previous = p.Version
	}
	isWhole := make(map[string]bool)
	for i, m := range whole {
		isWhole[m.Version] = true
		if i >= max(keep, 1) && m.Version != current && m.Version != previous {
			removed = append(removed, m.Version)
		}
	}
	entries, err := os.ReadDir(filepath.Join(dir, versionsDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, e := range entries {
		if !isWhole[e.Name()] && e.Name() != current && untouched(filepath.Join(dir, versionsDir, e.Name())) {
			removed = append(removed, e.Name())
		}
	}
	for _, name := range removed {
		if err := remove(filepath.Join(dir, versionsDir), name); err != nil {
			return nil, err
		}
	}
	return removed, nil
}

// Remove removes a version of dir, which must not be the current one.
func Remove(dir, version string) (err error) {
	if !validName.MatchString(version) {
		return fmt.Errorf("%w: %q is no name of a version of %s", ErrNoArtifact, version, dir)
	}
	l, err := LockDir(context.Background(), dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Unlock()) }()
	if current, err := Current(dir); err != nil && !errors.Is(err, ErrNoArtifact) {
		return err
	} else if current == version {
		return fmt.Errorf("version %s of %s is the current one: promote another one first", version, dir)
	}
	return remove(filepath.Join(dir, versionsDir), version)
}

// Previous returns the manifest of the version to go back to from the current one: the newest
// one that was current before the fit that the current one goes back to. It is nil when there is
// none.
func Previous(dir string) (*Manifest, error) {
	current, err := Current(dir)
	if err != nil {
		return nil, err
	}
	whole, err := Versions(dir)
	if err != nil {
		return nil, err
	}
	return previousOf(whole, current), nil
}

// previousOf is Previous among versions, newest first. A version that a gate refused was never
// current.
func previousOf(whole []*Manifest, current string) *Manifest {
	base, older := "", false
	for _, m := range whole {
		note, err := m.Update()
		if err != nil {
			continue
		}
		if m.Version == current {
			base, older = fitOf(note.Base), true
			continue
		}
		if older && fitOf(note.Base) != base && !m.refused() {
			return m
		}
	}
	return nil
}

// fitOf is the name that a version had before users were erased from it.
func fitOf(version string) string { return erasedSuffix.ReplaceAllString(version, "") }

var erasedSuffix = regexp.MustCompile(`-e[0-9]+$`)

func isUpdate(whole []*Manifest, current string) bool {
	for _, m := range whole {
		if m.Version == current {
			_, ok := m.Annotations[UpdateAnnotation]
			return ok
		}
	}
	return false
}

// refused says whether a promotion was decided against.
func (m *Manifest) refused() bool {
	var decision struct {
		Promoted *bool `json:"promoted"`
	}
	text, ok := m.Annotations["promotion"]
	return ok && json.Unmarshal(text, &decision) == nil && decision.Promoted != nil && !*decision.Promoted
}

// untouched reports whether nothing in a tree has changed for leftoverAge.
func untouched(path string) bool {
	old := true
	err := filepath.WalkDir(path, func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && time.Since(info.ModTime()) < leftoverAge {
			old = false
		}
		return err
	})
	return err == nil && old
}

// remove takes a version away under another name first, so that nobody meets half of it.
func remove(parent, name string) error {
	gone := filepath.Join(parent, tmpPrefix+rand.Text())
	if err := os.Rename(filepath.Join(parent, name), gone); err != nil {
		return err
	}
	return os.RemoveAll(gone)
}

// resolve finds the artifact directory that dir stands for.
func resolve(dir string) (string, error) {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("%w: %s does not exist: train a model into it", ErrNoArtifact, dir)
	case err != nil:
		return "", err
	case !info.IsDir():
		return "", fmt.Errorf("%w: %s is a file: give the directory that a model was trained into", ErrNoArtifact, dir)
	}
	pointer := filepath.Join(dir, currentFile)
	text, err := os.ReadFile(pointer)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(filepath.Join(dir, manifestFile)); err == nil {
			return filepath.Clean(dir), nil
		}
		return "", fmt.Errorf("%w: %s has neither %s nor %s: %s", ErrNoArtifact, dir, currentFile, manifestFile, known(dir))
	}
	if err != nil {
		return "", err
	}
	name := strings.TrimSpace(string(text))
	if !validName.MatchString(name) {
		return "", corrupt(pointer, "%.100q is no name of a version", name)
	}
	path := filepath.Join(dir, versionsDir, name)
	if _, err := os.Stat(filepath.Join(path, manifestFile)); err != nil {
		return "", corrupt(pointer, "it points to %s, of which there is no manifest", path)
	}
	return path, nil
}

// known says what an operator can do with a directory that has no current version.
func known(dir string) string {
	versions, err := Versions(dir)
	if err != nil || len(versions) == 0 {
		return "train a model into it"
	}
	names := make([]string, len(versions))
	for i, m := range versions {
		names[i] = m.Version
	}
	return "promote one of its versions " + strings.Join(names, ", ")
}
