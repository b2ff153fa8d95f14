package model

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/recsys-lite/recsys"
)

// FormatVersion is the artifact format that this release writes; it reads this one and all
// before it.
//
//	1  the first one: docs/format/artifact.md
const FormatVersion = 1

const (
	formatName   = "recsys-artifact"
	manifestFile = "manifest.json"
)

// Manifest is the description of an artifact, its file manifest.json.
type Manifest struct {
	// Format is "recsys-artifact", FormatVersion the number of its layout.
	Format        string `json:"format"`
	FormatVersion int    `json:"format_version"`
	// Version names the artifact, "als-20260101T020304Z": model_version in every answer.
	Version string `json:"version"`
	// Kind is the name of the algorithm.
	Kind string `json:"kind"`
	// Created is when the model was fitted, in UTC to the second.
	Created time.Time `json:"created"`
	// Library is the release that wrote the artifact, for whoever looks at it.
	Library string `json:"library"`
	// Users, Items and Interactions are the shape of the data.
	Users        int `json:"users"`
	Items        int `json:"items"`
	Interactions int `json:"interactions"`
	// Params are the hyper-parameters, complete, as Kind.New takes them.
	Params json.RawMessage `json:"params"`
	// Weighting is how events became the weights of the interactions.
	Weighting recsys.Weighting `json:"weighting"`
	// Watermark is the place in the store's log up to which the model knows the events.
	Watermark recsys.Watermark `json:"watermark"`
	// Metrics are what an evaluation found, such as "ndcg@10".
	Metrics map[string]float64 `json:"metrics,omitempty"`
	// Annotations are what else the writer wants to keep: the decision of a promotion, say.
	Annotations map[string]json.RawMessage `json:"annotations,omitempty"`
	// Tensors are the model's parameters, in the model's order.
	Tensors []TensorInfo `json:"tensors"`
	// Files are all files beside the manifest, by name.
	Files []FileInfo `json:"files"`
	// Checksum is the SHA-256 of the manifest itself with zeros in the place of this value.
	Checksum string `json:"checksum"`
}

// TensorInfo says what an array looks like and which file holds it.
type TensorInfo struct {
	Name  string `json:"name"`
	DType string `json:"dtype"`
	Shape []int  `json:"shape"`
	File  string `json:"file"`
}

// FileInfo is what a file must be.
type FileInfo struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

var noChecksum = strings.Repeat("0", 2*sha256.Size)

// encode sets the checksum and returns the manifest as JSON.
func (m *Manifest) encode() ([]byte, error) {
	m.Checksum = noChecksum
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("%w: manifest: %w", recsys.ErrInvalidData, err)
	}
	text = append(text, '\n')
	sum := sha256.Sum256(text)
	m.Checksum = hex.EncodeToString(sum[:])
	at := bytes.LastIndex(text, []byte(noChecksum))
	copy(text[at:], m.Checksum)
	return text, nil
}

// decodeManifest checks, in this order, that text is a manifest, its format version, its kind
// against the known ones (nil passes all), its checksum, and its names. path is for the errors.
func decodeManifest(path string, text []byte, kinds []Kind) (*Manifest, *Kind, error) {
	var head struct {
		Format        string `json:"format"`
		FormatVersion int    `json:"format_version"`
		Kind          string `json:"kind"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return nil, nil, corrupt(path, "it is not JSON: %v", err)
	}
	if head.Format != formatName || head.FormatVersion < 1 {
		return nil, nil, corrupt(path, "it is not a manifest: format %q, version %d", head.Format, head.FormatVersion)
	}
	if head.FormatVersion > FormatVersion {
		return nil, nil, fmt.Errorf("%w: %s has format version %d, this release reads up to %d: update the program or train the model again with this one",
			ErrFutureVersion, path, head.FormatVersion, FormatVersion)
	}
	kind, err := lookup(path, head.Kind, kinds)
	if err != nil {
		return nil, nil, err
	}
	m := &Manifest{}
	if err := json.Unmarshal(text, m); err != nil {
		return nil, nil, corrupt(path, "%v", err)
	}
	if len(m.Checksum) != len(noChecksum) || bytes.Count(text, []byte(m.Checksum)) != 1 {
		return nil, nil, corrupt(path, "it has no checksum of its own")
	}
	sum := sha256.Sum256(bytes.Replace(text, []byte(m.Checksum), []byte(noChecksum), 1))
	if hex.EncodeToString(sum[:]) != m.Checksum {
		return nil, nil, corrupt(path, "its checksum is not that of its contents: it was altered or cut")
	}
	return m, kind, m.validate(path)
}

func lookup(path, name string, kinds []Kind) (*Kind, error) {
	if kinds == nil {
		return nil, nil
	}
	names := make([]string, len(kinds))
	for i := range kinds {
		if kinds[i].Name == name {
			return &kinds[i], nil
		}
		names[i] = kinds[i].Name
	}
	return nil, fmt.Errorf("%w: %s is of kind %q, this program knows %s: pass the kind to Open or choose another artifact",
		ErrUnknownKind, path, name, strings.Join(names, ", "))
}

// validate checks what later steps rely on; a name in a manifest cannot lead out of the
// directory.
func (m *Manifest) validate(path string) error {
	if !validName.MatchString(m.Version) {
		return corrupt(path, "version %q is no name", m.Version)
	}
	if m.Users < 0 || m.Items < 0 || m.Interactions < 0 {
		return corrupt(path, "a shape of %d users, %d items and %d interactions", m.Users, m.Items, m.Interactions)
	}
	if _, err := m.Journaled(); err != nil {
		return corrupt(path, "%w", err)
	}
	known := make(map[string]bool, len(m.Files))
	for _, f := range m.Files {
		if !validName.MatchString(f.Name) || f.Name == manifestFile || known[f.Name] || f.Size < 0 {
			return corrupt(path, "file %q of size %d has no proper name or is named twice", f.Name, f.Size)
		}
		known[f.Name] = true
	}
	for _, f := range []string{usersFile, itemsFile, interactionsFile} {
		if !known[f] {
			return corrupt(path, "it names no %s", f)
		}
	}
	for i := range m.Tensors {
		t := &m.Tensors[i]
		if !known[t.File] || (&Tensor{Shape: t.Shape}).Len() < 0 {
			return corrupt(path, "tensor %q has shape %v and file %q, which it does not list", t.Name, t.Shape, t.File)
		}
	}
	return nil
}

// has reports whether the artifact has a file of that name.
func (m *Manifest) has(name string) bool {
	return slices.ContainsFunc(m.Files, func(f FileInfo) bool { return f.Name == name })
}

// ReadManifest reads the manifest of an artifact, of whatever kind, without its files. dir is
// what Open takes. The errors are those of Open.
func ReadManifest(dir string) (*Manifest, error) {
	dir, err := resolve(dir)
	if err != nil {
		return nil, err
	}
	m, _, err := readManifest(dir, nil)
	return m, err
}

func readManifest(dir string, kinds []Kind) (*Manifest, *Kind, error) {
	path := filepath.Join(dir, manifestFile)
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil, nil, corrupt(path, "it is missing")
	}
	if err != nil {
		return nil, nil, err
	}
	return decodeManifest(path, text, kinds)
}

// corrupt wraps ErrCorrupt with the file, what is wrong, and the way out.
func corrupt(path, format string, args ...any) error {
	return fmt.Errorf("%w: %s: %s (a copy under way? otherwise restore the directory from a backup or train again)",
		ErrCorrupt, path, fmt.Errorf(format, args...))
}

// library is the release of this module in the running program.
func library() string {
	const path = "github.com/recsys-lite/recsys"
	version := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, mod := range append(info.Deps, &info.Main) {
			if mod.Path == path && mod.Version != "" {
				version = mod.Version
			}
		}
	}
	return path + " " + version
}

// HasItemFeatures reports whether the model was fitted with item features.
func (m *Manifest) HasItemFeatures() bool { return m.has(itemFeaturesFile) }

// HasIndex reports whether the artifact has an index for approximate answers.
func (m *Manifest) HasIndex() bool { return m.has(attachmentPrefix + IndexAttachment) }

// JournalAnnotation is the annotation that says which events of which journal the model
// contains: a JSON object of journal ids and the numbers of their last events.
const JournalAnnotation = "journal"

// Journaled reads JournalAnnotation; it is nil when there is none.
func (m *Manifest) Journaled() (map[string]int64, error) {
	text, ok := m.Annotations[JournalAnnotation]
	if !ok {
		return nil, nil
	}
	var last map[string]int64
	if err := json.Unmarshal(text, &last); err != nil {
		return nil, fmt.Errorf("annotation %q: want an object of journals and numbers: %w", JournalAnnotation, err)
	}
	return last, nil
}

// SetJournaled sets JournalAnnotation.
func (m *Manifest) SetJournaled(last map[string]int64) error {
	return m.Annotate(JournalAnnotation, last)
}

// Annotate keeps v as JSON under a name; the annotations of other manifests stay as they are.
func (m *Manifest) Annotate(name string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("%w: annotation %q: %w", recsys.ErrInvalidData, name, err)
	}
	m.Annotations = maps.Clone(m.Annotations)
	if m.Annotations == nil {
		m.Annotations = make(map[string]json.RawMessage)
	}
	m.Annotations[name] = text
	return nil
}

// Update reads UpdateAnnotation; an artifact without it is its own base.
func (m *Manifest) Update() (UpdateNote, error) {
	note := UpdateNote{Base: m.Version, Fitted: m.Created}
	if text, ok := m.Annotations[UpdateAnnotation]; ok {
		if err := json.Unmarshal(text, &note); err != nil {
			return note, fmt.Errorf("%w: annotation %q: %w", ErrCorrupt, UpdateAnnotation, err)
		}
	}
	return note, nil
}
