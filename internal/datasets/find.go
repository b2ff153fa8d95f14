package datasets

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// errAbsent marks data that is not on this machine.
var errAbsent = errors.New("data not found")

// find returns the folder of the data set called name.
func find(name string) (string, error) {
	candidates, err := roots(name)
	if err != nil {
		return "", err
	}
	for _, dir := range candidates {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			return dir, nil
		}
	}
	return "", fmt.Errorf("%w: no folder %s; set RECSYS_DATA to the folder that holds %s", errAbsent, strings.Join(candidates, " or "), name)
}

func roots(name string) ([]string, error) {
	root, err := repository()
	if err != nil {
		return nil, err
	}
	var dirs []string
	if name == "online-retail" {
		dirs = append(dirs, filepath.Join(root, "examples", "data", name))
	}
	if env := os.Getenv("RECSYS_DATA"); env != "" {
		return append(dirs, filepath.Join(env, name)), nil
	}
	return append(dirs,
		filepath.Join(root, "..", "shared", "data", name),
		filepath.Join(root, "..", "..", "shared", "data", name)), nil
}

// repository is the nearest folder above the working directory that holds go.mod.
func repository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("datasets: no go.mod above the working directory")
		}
		dir = parent
	}
}

// loaded unwraps what a loader gave: absent data skips the test, any other error fails it.
func loaded[T any](t testing.TB, load func() (T, error)) T {
	t.Helper()
	v, err := load()
	if errors.Is(err, errAbsent) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}
