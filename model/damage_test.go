package model_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/model/internal/cooccur"
)

func assertIs(err error, targets ...error) bool {
	for _, t := range targets {
		if errors.Is(err, t) {
			return true
		}
	}
	return false
}

func TestOpenWithoutArtifact(t *testing.T) {
	empty := t.TempDir()
	file := filepath.Join(empty, "file")
	_, err := model.Open(empty, cooccur.Kind)
	require.ErrorIs(t, err, model.ErrNoArtifact)
	require.ErrorContains(t, err, "train a model into it")
	require.NoError(t, os.WriteFile(file, []byte("x"), 0o600))
	for _, dir := range []string{filepath.Join(empty, "nowhere"), file} {
		_, err := model.Open(dir, cooccur.Kind)
		require.ErrorIs(t, err, model.ErrNoArtifact)
		require.ErrorContains(t, err, dir)
		_, err = model.Current(dir)
		require.ErrorIs(t, err, model.ErrNoArtifact)
	}
	dir := t.TempDir()
	version := publish(t, dir, created)
	require.NoError(t, os.Remove(filepath.Join(dir, "current")))
	_, err = model.Open(dir, cooccur.Kind)
	require.ErrorIs(t, err, model.ErrNoArtifact)
	require.ErrorContains(t, err, "promote one of its versions "+version)
}

func TestPointerCannotLeadAway(t *testing.T) {
	dir := t.TempDir()
	publish(t, dir, created)
	for _, name := range []string{"..", "../../etc", "/etc", "a/b", ".tmp-x", strings.Repeat("x", 300), "\x00", "nosuch"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "current"), []byte(name), 0o600))
		_, err := model.Open(dir, cooccur.Kind)
		require.ErrorIs(t, err, model.ErrCorrupt, name)
	}
}

// Every byte counts: one that is altered, in whatever file, is refused by name.
func TestOpenAlteredBytes(t *testing.T) {
	dir := write(t)
	for name, data := range contents(t, dir) {
		path := filepath.Join(dir, name)
		step := max(1, len(data)/20)
		if name == "manifest.json" {
			step = 5
		}
		for at := 0; at < len(data); at += step {
			bad := []byte(data)
			bad[at] ^= 0x15
			require.NoError(t, os.WriteFile(path, bad, 0o600))
			_, err := model.Open(dir, cooccur.Kind)
			require.Error(t, err, "%s: byte %d", name, at)
			require.True(t, assertIs(err, model.ErrCorrupt, model.ErrUnknownKind, model.ErrFutureVersion), "%s: byte %d: %v", name, at, err)
			require.ErrorContains(t, err, name)
		}
		require.NoError(t, os.WriteFile(path, []byte(data), 0o600))
	}
	_, err := model.Open(dir, cooccur.Kind)
	require.NoError(t, err)
}

func TestOpenDamagedFiles(t *testing.T) {
	dir := write(t)
	for name, data := range contents(t, dir) {
		path := filepath.Join(dir, name)
		for what, damage := range map[string]func() error{
			"missing":     func() error { return os.Remove(path) },
			"longer":      func() error { return os.WriteFile(path, []byte(data+"x"), 0o600) },
			"a directory": func() error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) },
			"elsewhere":   func() error { return errors.Join(os.Remove(path), os.Symlink("/etc/passwd", path)) },
		} {
			if name == "manifest.json" && (what == "missing" || what == "a directory" || what == "elsewhere") {
				continue // then it is no artifact at all, or an unreadable one
			}
			require.NoError(t, damage(), what)
			_, err := model.Open(dir, cooccur.Kind)
			require.ErrorIs(t, err, model.ErrCorrupt, "%s is %s", name, what)
			require.ErrorContains(t, err, name, what)
			_, err = model.Verify(dir)
			require.ErrorIs(t, err, model.ErrCorrupt)
			require.NoError(t, os.RemoveAll(path))
			require.NoError(t, os.WriteFile(path, []byte(data), 0o600))
		}
		for _, n := range []int{0, 1, len(data) / 2, len(data) - 1} {
			if n < 0 || n >= len(data) {
				continue
			}
			require.NoError(t, os.WriteFile(path, []byte(data[:n]), 0o600))
			_, err := model.Open(dir, cooccur.Kind)
			require.ErrorIs(t, err, model.ErrCorrupt, "%s cut to %d bytes", name, n)
		}
		require.NoError(t, os.WriteFile(path, []byte(data), 0o600))
	}
}

func TestOpenOtherVersionsAndKinds(t *testing.T) {
	dir := write(t)
	_, err := model.Open(dir)
	require.ErrorIs(t, err, model.ErrUnknownKind)
	other := cooccur.Kind
	other.Name = "als"
	_, err = model.Open(dir, other)
	require.ErrorIs(t, err, model.ErrUnknownKind)
	require.ErrorContains(t, err, `of kind "cooccur", this program knows als`)

	edit(t, dir, func(m map[string]any) { m["format_version"] = 2 })
	_, err = model.Open(dir, other)
	require.ErrorIs(t, err, model.ErrFutureVersion, "the version is checked before the kind")
	require.ErrorContains(t, err, "update the program")

	edit(t, dir, func(m map[string]any) { m["format_version"] = 0 })
	_, err = model.Open(dir, cooccur.Kind)
	require.ErrorIs(t, err, model.ErrCorrupt)
	edit(t, dir, func(m map[string]any) { m["format_version"] = 2; m["format"] = "else" })
	_, err = model.Open(dir, cooccur.Kind)
	require.ErrorIs(t, err, model.ErrCorrupt, "the format is checked before the version")
}

// edit changes the manifest and gives it the checksum that it must have: damage that only a
// hostile or a careless writer can do.
func edit(t testing.TB, dir string, change func(m map[string]any)) {
	t.Helper()
	path := filepath.Join(dir, "manifest.json")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var m map[string]any
	require.NoError(t, json.Unmarshal(text, &m))
	change(m)
	require.NoError(t, os.WriteFile(path, sealed(t, m), 0o600))
}

func sealed(t testing.TB, m map[string]any) []byte {
	t.Helper()
	zeros := strings.Repeat("0", 64)
	m["checksum"] = zeros
	text, err := json.Marshal(m)
	require.NoError(t, err)
	sum := sha256.Sum256(text)
	return []byte(strings.Replace(string(text), zeros, hex.EncodeToString(sum[:]), 1))
}

// A manifest that is in itself consistent, and says what is not so.
func TestOpenHostileManifest(t *testing.T) {
	list := func(m map[string]any, key string, i int) map[string]any { return m[key].([]any)[i].(map[string]any) }
	for name, change := range map[string]func(m map[string]any){
		"huge shape":            func(m map[string]any) { list(m, "tensors", 0)["shape"] = []int64{1 << 40, 1 << 20} },
		"shape that wraps":      func(m map[string]any) { list(m, "tensors", 0)["shape"] = []int64{1 << 32, 1 << 32} },
		"negative shape":        func(m map[string]any) { list(m, "tensors", 0)["shape"] = []int64{-5, -5} },
		"transposed":            func(m map[string]any) { list(m, "tensors", 1)["shape"] = []int64{1, 5} },
		"no shape":              func(m map[string]any) { list(m, "tensors", 0)["shape"] = nil },
		"another element type":  func(m map[string]any) { list(m, "tensors", 0)["dtype"] = "float64" },
		"no element type":       func(m map[string]any) { list(m, "tensors", 0)["dtype"] = "string" },
		"another tensor's file": func(m map[string]any) { list(m, "tensors", 0)["file"] = "tensor-indices.arrow" },
		"a file not listed":     func(m map[string]any) { list(m, "tensors", 0)["file"] = "tensor-x.arrow" },
		"no tensors":            func(m map[string]any) { m["tensors"] = []any{} },
		"huge file":             func(m map[string]any) { list(m, "files", 0)["size"] = int64(1) << 60 },
		"negative file":         func(m map[string]any) { list(m, "files", 0)["size"] = -1 },
		"path outside":          func(m map[string]any) { list(m, "files", 0)["name"] = "../../../etc/passwd" },
		"absolute path":         func(m map[string]any) { list(m, "files", 0)["name"] = "/etc/passwd" },
		"a file twice":          func(m map[string]any) { m["files"] = append(m["files"].([]any), m["files"].([]any)[0]) },
		"itself":                func(m map[string]any) { list(m, "files", 0)["name"] = "manifest.json" },
		"no files":              func(m map[string]any) { m["files"] = []any{} },
		"more users":            func(m map[string]any) { m["users"] = int64(1 << 50) },
		"fewer users":           func(m map[string]any) { m["users"] = 3 },
		"more items":            func(m map[string]any) { m["items"] = 1 << 30 },
		"fewer items":           func(m map[string]any) { m["items"] = 1 },
		"negative items":        func(m map[string]any) { m["items"] = -1 },
		"more interactions":     func(m map[string]any) { m["interactions"] = 99 },
		"params refused":        func(m map[string]any) { m["params"] = map[string]any{"damping": 7} },
		"params unknown":        func(m map[string]any) { m["params"] = map[string]any{"x": 7} },
		"params no object":      func(m map[string]any) { m["params"] = 3 },
		"users is text":         func(m map[string]any) { m["users"] = "many" },
		"version outside":       func(m map[string]any) { m["version"] = "../x" },
	} {
		dir := write(t)
		edit(t, dir, change)
		_, err := model.Open(dir, cooccur.Kind)
		require.ErrorIs(t, err, model.ErrCorrupt, name)
		require.ErrorContains(t, err, dir, name)
	}
}

// reseal replaces a file and makes the manifest agree.
func reseal(t testing.TB, dir, name string, data []byte) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o600))
	sum := sha256.Sum256(data)
	edit(t, dir, func(m map[string]any) {
		for _, f := range m["files"].([]any) {
			if f := f.(map[string]any); f["name"] == name {
				f["size"], f["sha256"] = len(data), hex.EncodeToString(sum[:])
			}
		}
	})
}

// Files that are in themselves fine, in the wrong place.
func TestOpenExchangedFiles(t *testing.T) {
	dir := write(t)
	whole := contents(t, dir)
	for a := range whole {
		for b, data := range whole {
			if a == b || a == "manifest.json" || b == "manifest.json" || strings.HasPrefix(a, "attachment-") {
				continue
			}
			// The same columns, and as many rows: nothing tells these from each other.
			if same := a + b; same == "user_feature_names.arrowitem_feature_names.arrow" {
				continue
			}
			reseal(t, dir, a, []byte(data))
			_, err := model.Open(dir, cooccur.Kind)
			require.ErrorIs(t, err, model.ErrCorrupt, "%s has the contents of %s", a, b)
		}
		reseal(t, dir, a, []byte(whole[a]))
	}
}

func TestOpenDuplicateIDs(t *testing.T) {
	dir := write(t)
	users := contents(t, dir)["users.arrow"]
	require.Contains(t, users, "annbob b/ob")
	reseal(t, dir, "users.arrow", []byte(strings.Replace(users, "annbob b/obchloé 🛒", "annbob b/ob\xff\xff\xff\xff\xff\xff 🛒", 1)))
	_, err := model.Open(dir, cooccur.Kind)
	require.ErrorIs(t, err, model.ErrCorrupt)
	require.ErrorContains(t, err, "UTF-8")

	a := shop(t)
	dir = filepath.Join(t.TempDir(), "v")
	_, err = model.Write(context.Background(), dir, a)
	require.NoError(t, err)
	items := contents(t, dir)["items.arrow"]
	require.Contains(t, items, "teapotcup")
	reseal(t, dir, "items.arrow", []byte(strings.Replace(items, "teapotcup", "teateacup", 1)))
	_, err = model.Open(dir, cooccur.Kind)
	require.ErrorIs(t, err, model.ErrCorrupt)
	require.ErrorContains(t, err, `"tea" stands at positions 0 and 1`)
}

// FuzzManifest: no manifest makes the reader panic, and every refusal has a name.
func FuzzManifest(f *testing.F) {
	text := contents(f, write(f))["manifest.json"]
	f.Add([]byte(text), false)
	f.Add([]byte(`{}`), true)
	var m map[string]any
	require.NoError(f, json.Unmarshal([]byte(text), &m))
	f.Add(sealed(f, m), true)
	dir := write(f)
	f.Fuzz(func(t *testing.T, text []byte, seal bool) {
		var m map[string]any
		if seal && json.Unmarshal(text, &m) == nil && m != nil {
			text = sealed(t, m)
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, "manifest.json"), text, 0o600))
		checkOpen(t, dir)
	})
}

// FuzzOpen: a file of an artifact is altered and the checksums agree with it.
func FuzzOpen(f *testing.F) {
	dir := write(f)
	whole := contents(f, dir)
	var names []string
	for name := range whole {
		if strings.HasSuffix(name, ".arrow") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for i := range names {
		f.Add(uint8(i), uint16(40), []byte{1, 2}, uint16(0))
		f.Add(uint8(i), uint16(9), []byte{0xff, 0xff, 0xff, 0x7f}, uint16(8))
	}
	f.Fuzz(func(t *testing.T, which uint8, at uint16, patch []byte, cut uint16) {
		name := names[int(which)%len(names)]
		data := []byte(whole[name])
		copy(data[int(at)%len(data):], patch)
		reseal(t, dir, name, data[:len(data)-int(cut)%len(data)])
		checkOpen(t, dir)
		reseal(t, dir, name, []byte(whole[name]))
	})
}

func checkOpen(t *testing.T, dir string) {
	t.Helper()
	a, err := model.Open(dir, cooccur.Kind)
	if err != nil {
		require.True(t, assertIs(err, model.ErrCorrupt, model.ErrFutureVersion, model.ErrUnknownKind), err)
		return
	}
	users, items := a.Model.Shape()
	require.Equal(t, fmt.Sprint(a.Users.Len(), a.Items.Len()), fmt.Sprint(users, items))
}
