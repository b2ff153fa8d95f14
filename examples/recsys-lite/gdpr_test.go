package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys/gdpr"
	"github.com/recsys-lite/recsys/model"
)

// withUser is a shop in which the user "anna" has events, one of an item that nobody else had;
// without her it is the same shop had she never been there.
func withUser(t *testing.T, anna bool) {
	t.Helper()
	t.Chdir(t.TempDir())
	var text strings.Builder
	text.WriteString("user_id,item_id,ts,qty\n")
	for u := range 40 {
		user := fmt.Sprint("user-", u)
		if u == 17 {
			if user = "anna"; !anna {
				continue
			}
			text.WriteString("anna,rare,5,1\n")
		}
		for i := range 12 {
			if (u*7+i*5)%11 < 5 {
				fmt.Fprintf(&text, "%s,item-%d,%d,%d\n", user, (i+u%3*4)%20, 1000*u+i, 1+i%3)
			}
		}
	}
	write(t, "events.csv", text.String())
	write(t, "items.csv", "item_id,title,category\nitem-1,One,A\nitem-2,Two,B\nitem-30,Never bought,A\n")
	succeeds(t, "ingest", "--events", "events.csv", "--items", "items.csv")
}

// filesOf are the sums of an artifact's files.
func filesOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	m, err := model.Verify(dir)
	require.NoError(t, err)
	sums := make(map[string]string)
	for _, f := range m.Files {
		sums[f.Name] = f.SHA256
	}
	return sums
}

// delete-user --retrain gives, byte for byte, the model that never saw the user.
func TestRetrainIsAsIfNeverSeen(t *testing.T) {
	kinds := map[string][]string{
		"als": {"--params", `{"factors": 8}`, "--half-life", "1h"}, "ease": nil, "bpr": {"--params", `{"factors": 8, "iterations": 5}`, "--seed", "7"},
		"item2vec": {"--params", `{"vector_size": 8}`}, "lightfm": {"--use-item-features", "--params", `{"no_components": 8, "epochs": 3}`},
		"sessionknn": nil, "popularity": nil, "hybrid": nil, "itemknn": {"--sample-rate", "0.7", "--seed", "3"}, "gru4rec": {"--params", `{"hidden_size": 8}`},
	}
	want := map[string]map[string]string{}
	withUser(t, false)
	for kind, args := range kinds {
		succeeds(t, append([]string{"train", kind}, args...)...)
		want[kind] = filesOf(t, "model_artifacts/"+kind)
	}
	withUser(t, true)
	for kind, args := range kinds {
		succeeds(t, append([]string{"train", kind}, args...)...)
		require.NotEqual(t, want[kind], filesOf(t, "model_artifacts/"+kind), kind)
	}
	out := succeeds(t, "gdpr", "delete-user", "--user-id", "anna", "--retrain", "--json")
	var receipt gdpr.Receipt
	require.NoError(t, json.Unmarshal([]byte(out), &receipt))
	require.Empty(t, receipt.StillReflects)
	for kind := range kinds {
		if kind != "itemknn" || len(receipt.Retrained) == len(kinds) { // a sample may have left her out
			require.Equal(t, want[kind], filesOf(t, "model_artifacts/"+kind), kind)
		}
		versions, err := model.Versions("model_artifacts/" + kind)
		require.NoError(t, err)
		require.Len(t, versions, 1, "what was learned with her is gone")
	}
}

// The log has the runbook's format, and its chain notices every change.
func TestGDPRLog(t *testing.T) {
	shop(t)
	succeeds(t, "train", "popularity")
	require.Equal(t, "exports/deep/user_w1.json: 3 events, 3 items, 1 model\n",
		succeeds(t, "gdpr", "export-user", "--user-id", "w1", "--output", "exports/deep/user_w1.json"))
	info, err := os.Stat("exports/deep/user_w1.json")
	require.NoError(t, err)
	require.EqualValues(t, 0o600, info.Mode().Perm())
	code, _, stderr := recsysLite(t, "gdpr", "export-user", "--user-id", "nobody")
	require.Equal(t, exitNoData, code)
	require.Contains(t, stderr, "nothing is kept")
	text, err := os.ReadFile("logs/gdpr.log")
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	require.Len(t, lines, 2)
	require.Regexp(t, `^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d - DATA_EXPORT - user_id=w1 - success$`, lines[0])
	require.Regexp(t, ` - DATA_EXPORT - user_id=erased:[0-9a-f]{24} - failure$`, lines[1])
	require.NotContains(t, string(text), "nobody")
	succeeds(t, "gdpr", "delete-user", "--user-id", "w1", "--receipt", "receipt.json")
	text, err = os.ReadFile("logs/gdpr.log")
	require.NoError(t, err)
	require.NotContains(t, string(text), "w1")
	require.Regexp(t, ` - DATA_DELETION - user_id=erased:[0-9a-f]{24} - success\n$`, string(text))
	require.Contains(t, succeeds(t, "gdpr", "list", "--user-id", "w1"), "has a tombstone: true")
	require.Equal(t, 2, strings.Count(succeeds(t, "gdpr", "list", "--user-id", "w1"), " - success"))
	require.Contains(t, succeeds(t, "gdpr", "verify", "--receipt", "receipt.json", "--user-id", "w1"), "the receipt is valid")

	for name, changed := range map[string]string{
		"changed":  strings.Replace(string(text), "failure", "success", 1),
		"dropped":  strings.Join(strings.SplitAfter(string(text), "\n")[1:], ""),
		"inserted": string(text) + strings.SplitAfter(string(text), "\n")[0],
		"empty":    "",
	} {
		write(t, "logs/gdpr.log", changed)
		code, _, stderr := recsysLite(t, "gdpr", "verify", "--user-id", "w1")
		require.Equal(t, exitFound, code, name)
		require.Contains(t, stderr, "gdpr.log", name)
	}
	write(t, "logs/gdpr.log", string(text))
	chain, err := os.ReadFile("logs/gdpr.log.chain")
	require.NoError(t, err)
	// Cutting the same end off both files leaves a chain that holds, and a receipt that does not.
	write(t, "logs/gdpr.log", strings.SplitAfter(string(text), "\n")[0])
	write(t, "logs/gdpr.log.chain", strings.SplitAfter(string(chain), "\n")[0])
	code, _, stderr = recsysLite(t, "gdpr", "verify", "--receipt", "receipt.json")
	require.Equal(t, exitFound, code)
	require.Contains(t, stderr, "cut off")
	write(t, "logs/gdpr.log.chain", string(chain))
	// A crash between the two files is mended by the next operation.
	write(t, "logs/gdpr.log", strings.Join(strings.SplitAfter(string(text), "\n")[:2], ""))
	succeeds(t, "gdpr", "lift", "--user-id", "w1")
	succeeds(t, "gdpr", "verify", "--user-id", "nobody")
	code, _, _ = recsysLite(t, "gdpr", "lift", "--user-id", "w1")
	require.Equal(t, exitNoData, code)

	receipt, err := os.ReadFile("receipt.json")
	require.NoError(t, err)
	write(t, "receipt.json", strings.Replace(string(receipt), `"events": 2`, `"events": 3`, 1))
	if strings.Contains(string(receipt), `"events": 2`) {
		code, _, stderr = recsysLite(t, "gdpr", "verify", "--receipt", "receipt.json")
		require.Equal(t, exitFound, code)
		require.Contains(t, stderr, "not valid")
	}
	require.NoError(t, os.Remove("data/gdpr.key"))
	code, _, _ = recsysLite(t, "gdpr", "verify", "--user-id", "w2")
	require.Equal(t, exitFound, code, "a log without a key cannot be checked")
}

// Read-only folders and full disks end in an error that names the file, and with everything as
// it was; the same command completes the deletion later.
func TestDeletionOnBadFolders(t *testing.T) {
	if os.Getuid() == 0 {
		t.Log("root may write anywhere: files stand in the way instead of permissions")
	}
	shop(t)
	succeeds(t, "train", "als", "--params", `{"factors": 4}`)
	write(t, "logs", "a file, where the folder should be")
	code, _, stderr := recsysLite(t, "gdpr", "delete-user", "--user-id", "w3")
	require.Equal(t, exitFailure, code)
	require.Contains(t, stderr, "logs")
	require.NoError(t, os.Remove("logs"))
	succeeds(t, "recommend", "--user-id", "w3")

	require.NoError(t, os.MkdirAll("model_artifacts/als/forgotten.json/x", 0o755))
	code, _, stderr = recsysLite(t, "gdpr", "delete-user", "--user-id", "w3")
	require.Equal(t, exitFailure, code)
	require.Contains(t, stderr, "forgotten.json")
	require.Contains(t, stderr, "run it again")
	text, err := os.ReadFile("logs/gdpr.log")
	require.NoError(t, err)
	require.Contains(t, string(text), "DATA_DELETION")
	require.Contains(t, string(text), "failure")
	require.NoError(t, os.RemoveAll("model_artifacts/als/forgotten.json"))
	succeeds(t, "gdpr", "delete-user", "--user-id", "w3")
	succeeds(t, "gdpr", "verify", "--user-id", "w3")
	left, err := filepath.Glob("data/*.rewrite-*")
	require.NoError(t, err)
	require.Empty(t, left)
}

// A deletion that is killed at any time is completed by the next one.
func TestDeletionIsKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("starts the program many times")
	}
	withUser(t, true)
	for _, kind := range []string{"als", "popularity"} {
		succeeds(t, "train", kind)
	}
	home, err := os.Getwd()
	require.NoError(t, err)
	for n, after := range []time.Duration{5, 20, 60, 120, 180, 240, 300, 400} {
		dir := filepath.Join(t.TempDir(), fmt.Sprint(n))
		require.NoError(t, os.CopyFS(dir, os.DirFS(home)))
		t.Chdir(dir)
		cmd := program(t, "gdpr", "delete-user", "--user-id", "anna")
		require.NoError(t, cmd.Start())
		time.Sleep(after * time.Millisecond)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		succeeds(t, "gdpr", "delete-user", "--user-id", "anna")
		succeeds(t, "gdpr", "verify", "--user-id", "anna")
		succeeds(t, "recommend", "--user-id", "user-3")
		require.NotContains(t, succeeds(t, "doctor"), "fault")
	}
}
