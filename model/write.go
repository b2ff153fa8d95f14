package model

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/durable"
)

// The files of an artifact beside its manifest; those of tensors and attachments carry their
// names.
const (
	usersFile            = "users.arrow"
	itemsFile            = "items.arrow"
	interactionsFile     = "interactions.arrow"
	sequencesFile        = "sequences.arrow"
	itemFeaturesFile     = "item_features.arrow"
	itemFeatureNamesFile = "item_feature_names.arrow"
	userFeaturesFile     = "user_features.arrow"
	userFeatureNamesFile = "user_feature_names.arrow"
	tensorPrefix         = "tensor-"
	attachmentPrefix     = "attachment-"
)

// Write stores a in dir, which must not exist, and returns the manifest. The directory
// appears with all its files or not at all: they are written and synced beside it under a
// name that starts with ".tmp-", which is then renamed. Manifest.Version is the directory's
// name unless it is set. Errors wrap recsys.ErrInvalidData when the parts do not belong
// together, and fs.ErrExist when dir is there already.
func Write(ctx context.Context, dir string, a *Artifact) (*Manifest, error) {
	if _, err := os.Lstat(dir); err == nil {
		return nil, fmt.Errorf("artifact %s: %w: artifacts are written once", dir, fs.ErrExist)
	}
	s, err := stage(ctx, filepath.Dir(dir), a)
	if err != nil {
		return nil, err
	}
	defer s.discard()
	if s.manifest.Version == "" {
		s.manifest.Version = filepath.Base(dir)
	}
	return s.manifest, s.commit(dir)
}

// staged is an artifact whose files are written, under a temporary name.
type staged struct {
	dir      string
	manifest *Manifest
}

// stage writes all but the manifest into a new directory under parent.
func stage(ctx context.Context, parent string, a *Artifact) (_ *staged, err error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	state, err := a.Model.State()
	if err != nil {
		return nil, err
	}
	s := &staged{manifest: describe(a, state)}
	if err := os.MkdirAll(parent, 0o777); err != nil {
		return nil, err
	}
	s.dir = filepath.Join(parent, tmpPrefix+rand.Text())
	if err := os.Mkdir(s.dir, 0o777); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			s.discard()
		}
	}()
	if err := s.writeData(ctx, a); err != nil {
		return nil, err
	}
	return s, s.writeTensors(ctx, state)
}

func describe(a *Artifact, state State) *Manifest {
	m := a.Manifest
	m.Format, m.FormatVersion, m.Library = formatName, FormatVersion, library()
	m.Users, m.Items = a.Model.Shape()
	m.Interactions = a.Interactions.NNZ()
	m.Params = state.Params
	if m.Created.IsZero() {
		m.Created = time.Now()
	}
	m.Created = m.Created.UTC().Truncate(time.Second)
	m.Tensors, m.Files = []TensorInfo{}, nil
	return &m
}

func (s *staged) writeData(ctx context.Context, a *Artifact) error {
	items, err := itemTable(a.Items, a.Catalogue)
	if err != nil {
		return fmt.Errorf("%w: %w", recsys.ErrInvalidData, err)
	}
	tables := []struct {
		name string
		t    *table
	}{{usersFile, userTable(a.Users)}, {itemsFile, items}, {interactionsFile, csrTable(a.Interactions)}}
	add := func(name string, t *table) {
		tables = append(tables, struct {
			name string
			t    *table
		}{name, t})
	}
	if a.Sequences != nil {
		add(sequencesFile, sequenceTable(a.Sequences))
	}
	if f := a.ItemFeatures; f != nil {
		add(itemFeaturesFile, csrTable(f.Matrix))
		add(itemFeatureNamesFile, nameTable(f.Names))
	}
	if f := a.UserFeatures; f != nil {
		add(userFeaturesFile, csrTable(f.Matrix))
		add(userFeatureNamesFile, nameTable(f.Names))
	}
	for _, t := range tables {
		if err := s.file(ctx, t.name, t.t.write); err != nil {
			return err
		}
	}
	attachments, err := a.attachments()
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(attachments)) {
		err := s.file(ctx, attachmentPrefix+name, func(w io.Writer) error {
			_, err := w.Write(attachments[name])
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *staged) writeTensors(ctx context.Context, state State) error {
	for i := range state.Tensors {
		t := &state.Tensors[i]
		info := TensorInfo{Name: t.Name, DType: t.dtype(), Shape: t.Shape, File: tensorPrefix + t.Name + ".arrow"}
		if info.Shape == nil {
			info.Shape = []int{}
		}
		if !validName.MatchString(t.Name) || t.Len() != t.held() || s.manifest.has(info.File) {
			return fmt.Errorf("%w: tensor %q of shape %v holds %d elements; its name must be a file's and its own", recsys.ErrInvalidData, t.Name, t.Shape, t.held())
		}
		if err := s.file(ctx, info.File, tensorTable(t).write); err != nil {
			return err
		}
		s.manifest.Tensors = append(s.manifest.Tensors, info)
	}
	return nil
}

// file writes and syncs one file and enters it in the manifest.
func (s *staged) file(ctx context.Context, name string, write func(io.Writer) error) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(s.dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	sum, count := sha256.New(), new(counter)
	buffered := bufio.NewWriterSize(io.MultiWriter(f, sum, count), 1<<16)
	if err := write(buffered); err != nil {
		return fmt.Errorf("artifact file %s: %w", name, err)
	}
	if err := errors.Join(buffered.Flush(), f.Sync()); err != nil {
		return err
	}
	s.manifest.Files = append(s.manifest.Files, FileInfo{Name: name, Size: int64(*count), SHA256: hex.EncodeToString(sum.Sum(nil))})
	return nil
}

type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// commit writes the manifest and gives the directory its name.
func (s *staged) commit(dir string) error {
	text, err := s.manifest.seal()
	if err != nil {
		return err
	}
	if err := durable.WriteFile(filepath.Join(s.dir, manifestFile), text); err != nil {
		return err
	}
	if err := durable.SyncDir(s.dir); err != nil {
		return err
	}
	if err := os.Rename(s.dir, dir); err != nil {
		return err
	}
	return durable.SyncDir(filepath.Dir(dir))
}

// seal returns the text of a manifest that is complete, after making sure that it can be read.
func (m *Manifest) seal() ([]byte, error) {
	for name, v := range m.Metrics {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("%w: metric %q is %v, which JSON cannot hold", recsys.ErrInvalidData, name, v)
		}
	}
	slices.SortFunc(m.Files, func(a, b FileInfo) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	text, err := m.encode()
	if err != nil {
		return nil, err
	}
	return text, decodable(manifestFile, text)
}

// decodable makes sure that what is written can be read: names, above all.
func decodable(path string, text []byte) error {
	if _, _, err := decodeManifest(path, text, nil); err != nil {
		return fmt.Errorf("%w: %w", recsys.ErrInvalidData, err)
	}
	return nil
}

// discard removes what was not committed.
func (s *staged) discard() { os.RemoveAll(s.dir) }
