package model_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/model/internal/cooccur"
)

var rewrite = flag.Bool("rewrite", false, "write the golden artifact of the newest format version anew")

// Artifacts of every format version that was ever released stay readable.
func TestGoldenArtifactsOpen(t *testing.T) {
	a, err := model.Open("testdata/v1", cooccur.Kind)
	require.NoError(t, err)
	want := shop(t)
	require.Equal(t, 1, a.Manifest.FormatVersion)
	require.Equal(t, "golden", a.Manifest.Version)
	require.Equal(t, want.Manifest.Weighting, a.Manifest.Weighting)
	require.Equal(t, want.Catalogue, a.Catalogue)
	require.Equal(t, want.Sequences, a.Sequences)
	require.Equal(t, want.ItemFeatures, a.ItemFeatures)
	require.Equal(t, want.Attachments, a.Attachments)
	user, ok := a.Users.Index("ann")
	require.True(t, ok)
	top, err := a.Model.Recommend(context.Background(), recsys.Query{User: user, K: 2})
	require.NoError(t, err)
	require.Equal(t, []recsys.Scored{{Item: 0, Score: 2}, {Item: 2, Score: 2}}, top)
}

// What is written today is, byte for byte, the golden artifact of this format version. If a
// new release of the Arrow library lays its metadata out differently, the old artifact must
// still open (above) before this one is written anew with -rewrite.
func TestGoldenArtifactIsWritten(t *testing.T) {
	golden := filepath.Join("testdata", "v1")
	dir := filepath.Join(t.TempDir(), "golden")
	_, err := model.Write(context.Background(), dir, shop(t))
	require.NoError(t, err)
	if *rewrite {
		require.NoError(t, os.RemoveAll(golden))
		require.NoError(t, os.CopyFS(golden, os.DirFS(dir)))
	}
	want, got := contents(t, golden), contents(t, dir)
	require.Len(t, got, len(want))
	for name := range want {
		if name == "manifest.json" {
			require.Equal(t, unstamped(want[name]), unstamped(got[name]))
			continue
		}
		require.Equal(t, want[name], got[name], "%s is written otherwise than before", name)
	}
}

// unstamped is a manifest without the lines that depend on the program that wrote it.
func unstamped(manifest string) string {
	var lines []string
	for line := range strings.Lines(manifest) {
		if !strings.HasPrefix(line, `  "library"`) && !strings.HasPrefix(line, `  "checksum"`) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}
