package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys/index"
	"github.com/recsys-lite/recsys/model"
)

// opened is the model that serve would open with the settings of the environment.
func opened(t *testing.T) *model.Artifact {
	t.Helper()
	s, err := loadSettings()
	require.NoError(t, err)
	a, err := openModel("model_artifacts/als", s)
	require.NoError(t, err)
	return a
}

func TestTrainPublishesAnIndex(t *testing.T) {
	shop(t)
	train := func(args ...string) {
		t.Helper()
		succeeds(t, append([]string{"train", "als", "--params", `{"factors": 4}`}, args...)...)
	}
	train()
	require.Nil(t, opened(t).Index, "six items are scanned")
	for kind, want := range map[string]any{index.KindExact: (*index.Exact)(nil), index.KindIVF: (*index.IVF)(nil), index.KindHNSW: (*index.HNSW)(nil)} {
		train("--index", kind)
		a := opened(t)
		require.IsType(t, want, a.Index)
		require.Same(t, a.Index, a.Snapshot().Index)
	}
	require.Contains(t, succeeds(t, "recommend", "--user-id", "w3", "-k", "1", "--approximate"), "Writing pad")
	train("--index", "none")
	require.Nil(t, opened(t).Index)

	code, _, stderr := recsysLite(t, "train", "ease", "--index", "hnsw")
	require.Equal(t, exitUsage, code)
	require.Contains(t, stderr, "no inner products")
	code, _, stderr = recsysLite(t, "train", "als", "--index", "tree")
	require.Equal(t, exitUsage, code)
	require.Contains(t, stderr, "auto, exact, ivf, hnsw, none")
}

func TestFaissVariablesHaveTheirEffect(t *testing.T) {
	shop(t)
	t.Setenv("FAISS_NLIST", "3")
	t.Setenv("FAISS_NPROBE", "2")
	t.Setenv("THREADS", "1")
	succeeds(t, "train", "als", "--params", `{"factors": 4}`)
	x := opened(t).Index.(*index.IVF)
	require.Equal(t, 3, x.Lists(), "FAISS_NLIST")
	require.Equal(t, 2, x.Probe(), "FAISS_NPROBE of the training")
	require.Equal(t, 1, x.Threads())

	t.Setenv("FAISS_NPROBE", "1")
	require.Equal(t, 1, opened(t).Index.(*index.IVF).Probe(), "FAISS_NPROBE of the server")
	t.Setenv("FAISS_USE_THREADS", "1")
	t.Setenv("THREADS", "3")
	require.Equal(t, 3, opened(t).Index.(*index.IVF).Threads(), "FAISS_USE_THREADS and THREADS")
	t.Setenv("FAISS_USE_THREADS", "0")
	require.Equal(t, 1, opened(t).Index.(*index.IVF).Threads())

	t.Setenv("FAISS_NPROBE", "-1")
	code, _, stderr := recsysLite(t, "recommend", "--user-id", "w3")
	require.NotZero(t, code)
	require.Contains(t, stderr, "FAISS_NPROBE is -1")
}
