package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys/store"
)

// What the tests of every command need to know of those for operations.
func init() {
	noResult["recsys-lite gdpr export-user"] = true // its result is a document, in JSON always
	noResult["recsys-lite gdpr lift"] = true        // does it or says why not
	jsonCases["backup"] = []string{"backup", "--output", "backups-of-json"}
	jsonCases["restore"] = []string{"restore", "BACKUP", "--check"}
	jsonStandIns["BACKUP"] = func(t *testing.T) string {
		succeeds(t, "backup", "--output", "backups-to-restore")
		all, err := filepath.Glob("backups-to-restore/2*")
		require.NoError(t, err)
		return all[0]
	}
	jsonCases["health"] = []string{"health", "--url", "SERVER"}
	jsonStandIns["SERVER"] = func(t *testing.T) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/health" {
				w.WriteHeader(http.StatusNotFound)
			}
			_, _ = w.Write([]byte(`{"status":"ok"}`))
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	jsonCases["doctor"] = []string{"doctor"}
	jsonCases["configure"] = []string{"configure", "--retention-days", "180", "--dry-run"}
	jsonCases["gdpr delete-user"] = []string{"gdpr", "delete-user", "--user-id", "nobody"}
	jsonCases["gdpr list"] = []string{"gdpr", "list", "--user-id", "w3"}
	jsonCases["gdpr verify"] = []string{"gdpr", "verify", "--user-id", "nobody"}
}

// The worker deletes what the retention period has passed for, and says so in the GDPR log.
func TestRetention(t *testing.T) {
	shop(t)
	now := time.Now()
	write(t, "more.csv", fmt.Sprintf("user_id,item_id,ts\nold,cup,%d\nnew,cup,%d\n", now.AddDate(0, 0, -20).Unix(), now.AddDate(0, 0, -2).Unix()))
	succeeds(t, "ingest", "--events", "more.csv")
	require.Contains(t, succeeds(t, "configure"), "retention_days  0")
	succeeds(t, "worker", "--once")
	require.Contains(t, succeeds(t, "configure", "--retention-days", "10", "--dry-run"), "would delete 17 events")
	require.Contains(t, succeeds(t, "configure"), "retention_days  0", "a dry run changes nothing")
	set := succeeds(t, "configure", "--retention-days", "10")
	require.Contains(t, set, "retention_days  10")
	require.Contains(t, set, "the worker will delete 17 of 18 events and 0 dead letters when it starts, or within an hour if it runs; --dry-run shows them without setting it\n")
	var told struct {
		Settings map[string]string `json:"settings"`
		Will     map[string]int64  `json:"will_delete"`
	}
	require.NoError(t, json.Unmarshal([]byte(succeeds(t, "configure", "--retention-days", "10", "--json")), &told))
	require.Equal(t, "10", told.Settings["retention_days"])
	require.EqualValues(t, 17, told.Will["events"])
	require.EqualValues(t, 18, told.Will["of_events"])
	require.NotContains(t, succeeds(t, "configure", "--backup-keep", "9"), "will delete", "another setting deletes nothing")
	require.NotContains(t, succeeds(t, "configure"), "will delete")
	require.NoFileExists(t, "logs/gdpr.log")
	succeeds(t, "worker", "--once")
	require.Contains(t, succeeds(t, "configure", "--dry-run"), "would delete 0 events")
	succeeds(t, "gdpr", "export-user", "--user-id", "new")
	code, _, stderr := recsysLite(t, "gdpr", "export-user", "--user-id", "old")
	require.Equal(t, exitNoData, code, stderr)
	text, err := os.ReadFile("logs/gdpr.log")
	require.NoError(t, err)
	require.Contains(t, string(text), " - DATA_RETENTION - user_id=- - success\n")
	for _, bad := range []string{"-1", "36501", "x"} {
		code, _, _ = recsysLite(t, "configure", "--retention-days", bad)
		require.Equal(t, exitUsage, code, bad)
	}
	require.NotContains(t, succeeds(t, "configure", "--retention-days", "0"), "will delete", "everything is kept")
	require.NoFileExists(t, "data/recsys.db.wal")
}

// What cannot be used is said, with the command that replaces it, and that command does.
func TestASettingSpoiltByHand(t *testing.T) {
	shop(t)
	db, err := store.Open(context.Background(), "data/recsys.db", store.Options{})
	require.NoError(t, err)
	require.NoError(t, db.SetSetting(context.Background(), "retention_days", "soon"))
	require.NoError(t, db.Close())
	code, _, stderr := recsysLite(t, "configure")
	require.Equal(t, exitFailure, code)
	require.Contains(t, stderr, "'configure --retention-days'")
	require.Contains(t, succeeds(t, "configure", "--retention-days", "10"), "retention_days  10")
}

func TestHealth(t *testing.T) {
	t.Chdir(t.TempDir())
	require.Contains(t, succeeds(t, "health", "--url", jsonStandIns["SERVER"](t)), "is well")
	code, _, stderr := recsysLite(t, "health", "--url", jsonStandIns["SERVER"](t)+"/elsewhere")
	require.Equal(t, exitFailure, code)
	require.Contains(t, stderr, "404")
	code, _, _ = recsysLite(t, "health", "--url", "http://127.0.0.1:1", "--timeout", "1s")
	require.Equal(t, exitFailure, code)
	code, _, _ = recsysLite(t, "health", "--url", "localhost")
	require.Equal(t, exitUsage, code)
}

func TestIngestUsers(t *testing.T) {
	shop(t)
	write(t, "users.csv", "user_id,country,tier\nw1,DE,gold\nw2,DE,gold\n,AT,\n")
	require.Contains(t, succeeds(t, "ingest", "--users", "users.csv"), "2 inserted, 1 rejected")
	out := succeeds(t, "gdpr", "export-user", "--user-id", "w1")
	require.Contains(t, out, `"country": "DE"`)
	require.Contains(t, out, `"tier": "gold"`)
	succeeds(t, "gdpr", "delete-user", "--user-id", "w1")
	require.Contains(t, succeeds(t, "ingest", "--users", "users.csv", "--force"), "1 inserted, 2 rejected", "and a later file does not bring the user back")
}

// The Dockerfile and the Compose file start what the runbook starts; docker/check.sh runs them.
func TestDockerFiles(t *testing.T) {
	if exec.Command("python3", "-c", "import yaml").Run() != nil {
		t.Skip("needs python3 with PyYAML (Debian: python3-yaml)")
	}
	lint := exec.Command("python3", "docker/lint.py", "docker/Dockerfile", "docker/docker-compose.yml")
	lint.Dir = "../.."
	out, err := lint.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "go build")
}

// On a full disk commands end with an error that names the file, and nothing is lost: the same
// command succeeds when there is room. The limit on the size of files stands for the full disk.
func TestOperationsOnAFullDisk(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("needs sh for ulimit")
	}
	withUser(t, true)
	succeeds(t, "train", "als")
	before := succeeds(t, "recommend", "--user-id", "user-3", "--json")
	for _, args := range [][]string{{"gdpr", "delete-user", "--user-id", "anna"}, {"backup"}, {"gdpr", "export-user", "--user-id", "anna", "--output", "x.json"}} {
		cmd := program(t, args...)
		blocks := "200" // of 512 bytes
		if args[0] == "gdpr" && args[1] == "export-user" {
			blocks = "4"
		}
		cmd.Args = append([]string{"sh", "-c", "trap '' XFSZ; ulimit -f " + blocks + `; exec "$0" "$@"`, cmd.Path}, args...)
		cmd.Path = "/bin/sh"
		out, err := cmd.CombinedOutput()
		require.Error(t, err, "%v: %s", args, out)
		require.Contains(t, string(out), "recsys-lite: ", "%v", args)
		require.NotContains(t, string(out), "panic", "%v", args)
		require.Equal(t, before, succeeds(t, "recommend", "--user-id", "user-3", "--json"))
		require.NoFileExists(t, "x.json")
		for _, pattern := range []string{"data/*.rewrite-*", "backups/*Z", "backups/.tmp-*", "model_artifacts/*/versions/.tmp-*"} {
			left, err := filepath.Glob(pattern)
			require.NoError(t, err)
			require.Empty(t, left, "%v", args)
		}
	}
	succeeds(t, "gdpr", "delete-user", "--user-id", "anna")
	succeeds(t, "gdpr", "verify", "--user-id", "anna")
	succeeds(t, "backup")
}
