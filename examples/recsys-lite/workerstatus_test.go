package main

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys/worker"
)

// The server shows how the worker fares, before there is a model too; deletion and backup pass
// over the file.
func TestServerShowsTheWorker(t *testing.T) {
	shop(t)
	url, log := serving(t, "--model-dir", "model_artifacts/als")
	state := func() map[string]any {
		code, body := get(t, url+"/health/worker")
		require.Equal(t, http.StatusOK, code)
		return body
	}
	require.Equal(t, "none", state()["state"])
	succeeds(t, "worker", "--once", "--model-dir", "model_artifacts/als")
	require.Equal(t, "ok", state()["state"])

	succeeds(t, "train", "als", "--params", `{"factors": 8}`)
	log.find(t, "model loaded")
	parquetFile(t, "data/incremental/a.parquet", "user_id,item_id,ts\nnewcomer,pen,1767225600\n")
	require.NoError(t, os.WriteFile("data/incremental/b.parquet", []byte("PAR1 this is none PAR1"), 0o600))
	succeeds(t, "worker", "--once", "--model-dir", "model_artifacts/als")
	body := state()
	require.Equal(t, "ok", body["state"])
	require.EqualValues(t, 1, body["events"])
	log.find(t, body["version"].(string))
	require.Contains(t, body["version"], "als-")
	require.Equal(t, body["version"], body["published"].(map[string]any)["version"])
	require.EqualValues(t, 1, body["quarantined"].(map[string]any)["files"])

	status := filepath.Join("model_artifacts/als", "worker.json")
	text, err := os.ReadFile(status)
	require.NoError(t, err)
	for _, id := range []string{"1", "2026", "newcomer"} { // "events": 1 is not user 1
		_, out, _ := recsysLite(t, "gdpr", "verify", "--user-id", id, "--json")
		require.Contains(t, out, `"found"`)
		require.NotContains(t, out, status, id)
	}
	require.NoError(t, os.WriteFile(status, []byte(`{"error": "open newcomer.parquet"}`), 0o600))
	_, out, _ := recsysLite(t, "gdpr", "verify", "--user-id", "newcomer", "--json")
	require.Contains(t, out, status, "a text may be one")
	require.NoError(t, os.WriteFile(status, text, 0o600))

	succeeds(t, "backup")
	made, err := filepath.Glob("backups/*/models.tar.gz")
	require.NoError(t, err)
	require.Len(t, made, 1)
	list, err := exec.Command("tar", "tzf", made[0]).CombinedOutput()
	require.NoError(t, err, "%s", list)
	require.Contains(t, string(list), "als/current")
	require.NotContains(t, string(list), "worker.json")

	// The runbook's way to replace a model, with the file of elsewhere in it, and a file that is damaged.
	require.NoError(t, os.CopyFS("fresh", os.DirFS("model_artifacts/als")))
	copied, err := exec.Command("sh", "-c", "cp -r fresh/* model_artifacts/als/").CombinedOutput()
	require.NoError(t, err, "%s", copied)
	require.Equal(t, "ok", state()["state"])
	require.NoError(t, os.WriteFile(status, []byte("{"), 0o600))
	body = state()
	require.Equal(t, "unreadable", body["state"])
	require.Contains(t, body["error"], status)
	code, _ := get(t, url+"/recommend?user_id=newcomer")
	require.Equal(t, http.StatusOK, code)
	succeeds(t, "models", "list", "--model-dir", "model_artifacts/als")

	succeeds(t, "worker", "--once", "--model-dir", "model_artifacts/als")
	s, err := worker.ReadStatus("model_artifacts/als")
	require.NoError(t, err)
	require.Empty(t, s.Version, "nothing was new")
}
