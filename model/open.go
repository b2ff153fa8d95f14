package model

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/recsys-lite/recsys"
)

// Opener opens artifacts.
type Opener struct {
	// Kinds are the algorithms that the program knows.
	Kinds []Kind
	// Run is what the restored model works with.
	Run recsys.Run
	// Index reads attachment IndexAttachment into Artifact.Index; package index has one:
	// index.Opener. nil leaves it among the attachments, and the model is served without.
	Index func(data []byte) (recsys.Index, error)
}

// Open reads the artifact in dir: an artifact itself, or a directory with versions and a
// current pointer (Publish). It accepts an artifact only whole: every file is there, and of
// the size and checksum that the manifest has; so it can be called while a copy into dir is
// under way, and fails until that is complete. Errors name the file and the way out and wrap
// ErrNoArtifact, ErrCorrupt, ErrFutureVersion or ErrUnknownKind.
func Open(dir string, kinds ...Kind) (*Artifact, error) {
	return Opener{Kinds: kinds}.Open(dir)
}

// Open is the function Open with the opener's settings.
func (o Opener) Open(dir string) (*Artifact, error) {
	for attempt := 1; ; attempt++ {
		pointer := readPointer(dir)
		version, err := resolve(dir)
		if err == nil {
			var a *Artifact
			if a, err = o.open(version); err == nil {
				return a, nil
			}
		}
		// A publisher may have replaced and pruned the version in the meantime.
		if attempt == maxAttempts || readPointer(dir) == pointer {
			return nil, err
		}
	}
}

// maxAttempts bounds how often Open starts again because the pointer has moved.
const maxAttempts = 10

// readPointer is what the pointer says, "" where there is none.
func readPointer(dir string) string {
	text, err := os.ReadFile(filepath.Join(dir, currentFile))
	if err != nil {
		return ""
	}
	return string(text)
}

// open reads an artifact directory: format → version → kind → checksums → shapes → ids.
func (o Opener) open(dir string) (*Artifact, error) {
	kinds := o.Kinds
	if kinds == nil {
		kinds = []Kind{}
	}
	m, kind, err := readManifest(dir, kinds)
	if err != nil {
		return nil, err
	}
	files, err := readFiles(dir, m)
	if err != nil {
		return nil, err
	}
	r := &reader{dir: dir, files: files, a: &Artifact{Manifest: *m}}
	state := r.state()
	r.matrices()
	r.features()
	r.ids()
	if r.err != nil {
		return nil, r.err
	}
	for name, data := range files {
		if rest, ok := strings.CutPrefix(name, attachmentPrefix); ok {
			if r.a.Attachments == nil {
				r.a.Attachments = make(map[string][]byte)
			}
			r.a.Attachments[rest] = data
		}
	}
	if r.a.Model, err = kind.Load(state, o.Run); err != nil {
		return nil, corrupt(dir, "%w", err)
	}
	if data, ok := r.a.Attachments[IndexAttachment]; ok && o.Index != nil {
		delete(r.a.Attachments, IndexAttachment)
		if r.a.Index, err = o.Index(data); err == nil {
			err = r.a.checkIndex()
		}
		if err != nil {
			return nil, corrupt(filepath.Join(dir, attachmentPrefix+IndexAttachment), "%w", err)
		}
	}
	if users, items := r.a.Model.Shape(); users != m.Users || items != m.Items {
		return nil, corrupt(dir, "the model knows %d users and %d items, the manifest %d and %d", users, items, m.Users, m.Items)
	}
	return r.a, nil
}

// Verify checks the manifest and every checksum of the artifact in dir, which is what Open
// takes, without restoring the model.
func Verify(dir string) (*Manifest, error) {
	dir, err := resolve(dir)
	if err != nil {
		return nil, err
	}
	m, _, err := readManifest(dir, nil)
	if err != nil {
		return nil, err
	}
	_, err = readFiles(dir, m)
	return m, err
}

// readFiles reads the files that m lists, several at a time. No more memory is asked for than
// the files on disk have bytes.
func readFiles(dir string, m *Manifest) (map[string][]byte, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	data, errs := make([][]byte, len(m.Files)), make([]error, len(m.Files))
	var wg sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, f := range m.Files {
		wg.Go(func() {
			slots <- struct{}{}
			data[i], errs[i] = readFile(root, dir, f)
			<-slots
		})
	}
	wg.Wait()
	files := make(map[string][]byte, len(m.Files))
	for i, f := range m.Files {
		if errs[i] != nil {
			return nil, errs[i] // the first says enough
		}
		files[f.Name] = data[i]
	}
	return files, nil
}

func readFile(root *os.Root, dir string, want FileInfo) ([]byte, error) {
	path := filepath.Join(dir, want.Name)
	f, err := root.Open(want.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, corrupt(path, "it is missing")
	}
	if err != nil {
		return nil, corrupt(path, "%w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, corrupt(path, "it is not a regular file")
	}
	if info.Size() != want.Size {
		return nil, corrupt(path, "it has %d bytes, the manifest says %d", info.Size(), want.Size)
	}
	data := make([]byte, want.Size)
	if _, err := io.ReadFull(f, data); err != nil {
		return nil, corrupt(path, "%w", err)
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != want.SHA256 {
		return nil, corrupt(path, "its contents do not have the checksum that the manifest has")
	}
	return data, nil
}

// reader decodes the files of one artifact; the first error stops it.
type reader struct {
	dir   string
	files map[string][]byte
	a     *Artifact
	err   error
}

// decode runs a decoder of the named file, if there is one and nothing has failed.
func (r *reader) decode(name string, f func(data []byte) error) {
	data, ok := r.files[name]
	if !ok || r.err != nil {
		return
	}
	if err := guard(func() error { return f(data) }); err != nil {
		r.err = corrupt(filepath.Join(r.dir, name), "%w", err)
	}
}

// table decodes a file of the given columns and number of rows.
func (r *reader) table(name string, fields []arrow.Field, optional, rows int, use func(t *table) error) {
	r.decode(name, func(data []byte) error {
		t, err := readTable(data, fields, optional)
		if err != nil {
			return err
		}
		if t.rows != rows {
			return fmt.Errorf("%d rows, the manifest says %d", t.rows, rows)
		}
		return use(t)
	})
}

func (r *reader) state() State {
	r.a.Manifest.Params = compact(r.a.Manifest.Params)
	s := State{Params: r.a.Manifest.Params}
	for _, info := range r.a.Manifest.Tensors {
		t := Tensor{Name: info.Name, Shape: info.Shape}
		r.decode(info.File, func(data []byte) error { return readTensor(&t, info.DType, data) })
		s.Tensors = append(s.Tensors, t)
	}
	return s
}

func (r *reader) matrices() {
	a, m := r.a, &r.a.Manifest
	r.table(interactionsFile, csrFields, 1, m.Users, func(t *table) (err error) {
		a.Interactions, err = csrOf(t, m.Items)
		if err == nil && a.Interactions.NNZ() != m.Interactions {
			err = fmt.Errorf("%d interactions, the manifest says %d", a.Interactions.NNZ(), m.Interactions)
		}
		return err
	})
	r.table(sequencesFile, sequenceFields, 0, m.Users, func(t *table) (err error) {
		a.Sequences, err = sequencesOf(t, m.Items)
		return err
	})
}

func (r *reader) features() {
	read := func(matrix, names string, rows int) (f *recsys.Features) {
		if _, ok := r.files[matrix]; !ok {
			return nil
		}
		f = &recsys.Features{Names: []string{}}
		r.decode(names, func(data []byte) error {
			t, err := readTable(data, nameFields, 0)
			if err == nil {
				f.Names = textsOf(t.cols[0])
			}
			return err
		})
		r.table(matrix, csrFields, 1, rows, func(t *table) (err error) {
			f.Matrix, err = csrOf(t, len(f.Names))
			return err
		})
		return f
	}
	r.a.ItemFeatures = read(itemFeaturesFile, itemFeatureNamesFile, r.a.Manifest.Items)
	r.a.UserFeatures = read(userFeaturesFile, userFeatureNamesFile, r.a.Manifest.Users)
}

func (r *reader) ids() {
	a := r.a
	r.table(usersFile, userFields, 0, a.Manifest.Users, func(t *table) (err error) {
		a.Users, err = idMap(textsOf(t.cols[0]))
		return err
	})
	r.table(itemsFile, itemFields, len(itemFields)-1, a.Manifest.Items, func(t *table) error {
		ids, catalogue, err := itemsOf(t)
		if err != nil {
			return err
		}
		a.Catalogue = catalogue
		a.Items, err = idMap(ids)
		return err
	})
}

func idMap(ids []string) (*recsys.IDMap, error) {
	for i, id := range ids {
		if !utf8.ValidString(id) {
			return nil, fmt.Errorf("id %q at position %d is not valid UTF-8", id, i)
		}
	}
	return recsys.NewIDMap(ids)
}

// compact takes the manifest's indentation out of the parameters, which are valid JSON.
func compact(params json.RawMessage) json.RawMessage {
	var b bytes.Buffer
	if json.Compact(&b, params) != nil {
		return params
	}
	return b.Bytes()
}
