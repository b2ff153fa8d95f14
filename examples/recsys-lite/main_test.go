package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys/model/builtin"
)

// recsysLite runs one command line in the working directory of the test.
func recsysLite(t testing.TB, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(context.Background(), args, &out, &errs)
	return code, out.String(), errs.String()
}

// succeeds runs a command line that must work and returns what it printed.
func succeeds(t testing.TB, args ...string) string {
	t.Helper()
	code, stdout, stderr := recsysLite(t, args...)
	require.Zero(t, code, "%v\n%s", args, stderr)
	return stdout
}

const itemsCSV = `item_id,category,brand,price,title,img_url,color
pen,Office,Bic,1.5,Blue pen,https://example.com/pen.jpg,blue
ink,Office,Bic,4,Ink bottle,,black
pad,Office,Oxford,2.25,Writing pad,,white
cup,Kitchen,,6,Tea cup,,white
pot,Kitchen,,19,Tea pot,,white
tea,Kitchen,Assam,7,Loose tea,,
`

// eventsCSV: writers buy pen, ink and pad, tea drinkers cup, pot and tea; w3 and t3 lack one.
const eventsCSV = `user_id,item_id,ts,qty
w1,pen,100,1
w1,ink,101,2
w1,pad,102,1
w2,pen,103,1
w2,ink,104,1
w2,pad,105,5
w3,pen,106,1
w3,ink,107,1
t1,cup,108,4
t1,pot,109,1
t1,tea,110,1
t2,cup,111,2
t2,pot,112,1
t2,tea,113,1
t3,cup,114,1
t3,pot,115,1
`

// shop moves to an empty directory with a database of the events and items above.
func shop(t testing.TB) {
	t.Helper()
	t.Chdir(t.TempDir())
	write(t, "items.csv", itemsCSV)
	write(t, "events.csv", eventsCSV)
	succeeds(t, "ingest", "--events", "events.csv", "--items", "items.csv", "--db", "data/recsys.db")
}

func write(t testing.TB, path, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
}

func TestTheMainJob(t *testing.T) {
	shop(t)
	require.NoFileExists(t, "data/recsys.db.wal", "a plain copy of the database must be whole")
	require.Contains(t, succeeds(t, "ingest", "--events", "events.csv"), "already applied")

	out := succeeds(t, "train", "als", "--params", `{"factors": 8}`)
	require.Contains(t, out, "6 users, 6 items and 16 interactions")

	out = succeeds(t, "recommend", "--user-id", "w3", "-k", "1", "--history", "5")
	require.Contains(t, out, "Writing pad")
	require.Contains(t, out, "w3 had 2 items")
	out = succeeds(t, "recommend", "--session", "cup,tea", "-k", "1", "--json")
	require.Contains(t, out, `"item_id": "pot"`)
	require.Contains(t, out, `"source": "session"`)
	require.Contains(t, succeeds(t, "similar", "--item-id", "pot", "-k", "2"), "Tea cup")

	out = succeeds(t, "evaluate", "--split", "last", "--ks", "1,3", "--json")
	var r struct {
		Model     string
		Split     string
		Users     int
		Metrics   map[string]float64
		Intervals map[string][2]float64
		Baseline  map[string]float64
	}
	require.NoError(t, json.Unmarshal([]byte(out), &r))
	require.Equal(t, "als", r.Model)
	require.Equal(t, 6, r.Users)
	for _, name := range []string{"ndcg@1", "ndcg_full@3", "recall@3", "hr@1", "mrr@3", "map@3", "precision@3"} {
		require.Contains(t, r.Metrics, name)
		require.Contains(t, r.Baseline, name)
		require.Contains(t, r.Intervals, name)
	}
	require.Contains(t, r.Metrics, "coverage@3")
}

func TestEveryKindTrainsAndRecommends(t *testing.T) {
	shop(t)
	for _, kind := range builtin.Names() {
		out := succeeds(t, "train", kind, "--output", "models/"+kind)
		require.Contains(t, out, kind+"-")
		require.Contains(t, succeeds(t, "recommend", "--model-dir", "models/"+kind, "--user-id", "w3", "-k", "2"), "rank")
	}
}

func TestBlendOfFittedModels(t *testing.T) {
	shop(t)
	succeeds(t, "train", "ease", "--output", "ease")
	succeeds(t, "train", "sessionknn", "--output", "sessionknn")
	require.Contains(t, succeeds(t, "blend", "ease=0.7", "sessionknn=0.3"), "hybrid-")
	out := succeeds(t, "recommend", "--model-dir", "model_artifacts/hybrid", "--user-id", "w3", "-k", "1")
	require.Contains(t, out, "Writing pad")

	write(t, "one.csv", "user_id,item_id,ts,qty\nz,pen,1,1\nz,ink,2,1\n")
	succeeds(t, "ingest", "--events", "one.csv", "--db", "other.db")
	succeeds(t, "train", "ease", "--db", "other.db", "--output", "other")
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"blend", "ease=1"}, "at least two"},
		{[]string{"blend", "ease=1", "sessionknn=much"}, "sessionknn=much"},
		{[]string{"blend", "ease=1", "sessionknn"}, "DIR=WEIGHT"},
		{[]string{"blend", "ease=1", "sessionknn=-1"}, "weight"},
		{[]string{"blend", "ease=1", "sessionknn=1", "--by", "luck"}, "luck"},
		{[]string{"blend", "ease=1", "other=1"}, "same database"},
		{[]string{"blend", "ease=1", "absent=1"}, "absent"},
	} {
		code, _, stderr := recsysLite(t, c.args...)
		require.NotZero(t, code, "%v", c.args)
		require.Contains(t, stderr, c.want, "%v", c.args)
	}
}

func TestTrainMeasuresBeforeItFitsOnEverything(t *testing.T) {
	shop(t)
	out := succeeds(t, "train", "popularity", "--test-size", "0.4", "--json")
	var manifest struct {
		Users   int
		Metrics map[string]float64
	}
	require.NoError(t, json.Unmarshal([]byte(out), &manifest))
	require.Equal(t, 6, manifest.Users, "the published model has seen all users")
	require.Contains(t, manifest.Metrics, "ndcg@10")
}

func TestSampleRateKeepsWholeUsers(t *testing.T) {
	shop(t)
	out := succeeds(t, "train", "popularity", "--sample-rate", "0.5", "--json")
	var manifest struct{ Users, Interactions int }
	require.NoError(t, json.Unmarshal([]byte(out), &manifest))
	require.Less(t, manifest.Users, 6)
	require.Positive(t, manifest.Users)
}

func TestSameArtifactForAnyNumberOfThreads(t *testing.T) {
	shop(t)
	for _, kind := range builtin.Names() {
		succeeds(t, "train", kind, "--output", "one/"+kind, "--threads", "1")
		succeeds(t, "train", kind, "--output", "two/"+kind, "--threads", "2")
		one, two := tensorFiles(t, "one/"+kind), tensorFiles(t, "two/"+kind)
		require.NotEmpty(t, one)
		require.Equal(t, one, two, kind)
	}
}

// tensorFiles returns the contents of all files of the one version under dir but the
// manifest, which holds the time of the fit.
func tensorFiles(t *testing.T, dir string) map[string][]byte {
	paths, err := filepath.Glob(filepath.Join(dir, "versions", "*", "*"))
	require.NoError(t, err)
	files := make(map[string][]byte)
	for _, path := range paths {
		if filepath.Base(path) != "manifest.json" {
			files[filepath.Base(path)], err = os.ReadFile(path)
			require.NoError(t, err)
		}
	}
	return files
}

func TestParamsFileLiesUnderParams(t *testing.T) {
	shop(t)
	write(t, "params.json", `{"factors": 3, "iterations": 2}`)
	out := succeeds(t, "train", "als", "--params-file", "params.json", "--params", `{"factors": 4}`, "--json")
	var manifest struct {
		Params struct{ Factors, Iterations int }
	}
	require.NoError(t, json.Unmarshal([]byte(out), &manifest))
	require.Equal(t, 4, manifest.Params.Factors)
	require.Equal(t, 2, manifest.Params.Iterations)
}

func TestEnvironmentAndDotEnv(t *testing.T) {
	shop(t)
	write(t, ".env", "MODEL_TYPE=popularity\nDB_PATH=nowhere.db\n")
	t.Setenv("DB_PATH", "data/recsys.db")
	succeeds(t, "train", "popularity")
	require.Contains(t, succeeds(t, "recommend", "--user-id", "w3"), "popularity-", "MODEL_TYPE chooses the model's directory")

	t.Setenv("CACHE_SIZE", "many")
	code, _, stderr := recsysLite(t, "version")
	require.Equal(t, exitUsage, code)
	require.Contains(t, stderr, "many")
}

func TestBadRowsAreReportedAndTheRestLands(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "events.csv", "user_id,item_id,ts,qty\nanna,pen,100,1\n,pen,100,1\nanna,,100,1\nanna,pen,yesterday,1\nanna,pen,100,1.5\n")
	code, _, stderr := recsysLite(t, "ingest", "--events", "events.csv", "--strict")
	require.Equal(t, exitFailure, code)
	require.Contains(t, stderr, "events.csv")

	out := succeeds(t, "ingest", "--events", "events.csv")
	require.Contains(t, out, "1 inserted, 4 rejected")
	rejects, err := os.ReadFile("events.csv.rejects.csv")
	require.NoError(t, err)
	require.Contains(t, string(rejects), "yesterday")
}

// A file of which nothing could be used is not what the user meant to import.
func TestAFileOfBadRowsIsAFailure(t *testing.T) {
	shop(t)
	write(t, "dates.csv", "user_id;item_id;ts;qty\nanna;pen;02.01.2024;1\nanna;ink;03.01.2024;1\n")
	code, stdout, stderr := recsysLite(t, "ingest", "--events", "dates.csv", "--items", "items.csv")
	require.Equal(t, exitFailure, code)
	require.Contains(t, stdout, "2 rows read, 0 inserted, 2 rejected (unreadable ts: 2), listed in dates.csv.rejects.csv")
	require.Contains(t, stderr, "no row of dates.csv could be used")

	write(t, "header.csv", "user_id,item_id,ts,qty\n")
	succeeds(t, "ingest", "--events", "header.csv")
	succeeds(t, "gdpr", "delete-user", "--user-id", "w1")
	write(t, "late.csv", "user_id,item_id,ts,qty\nw1,pen,900,1\n")
	require.Contains(t, succeeds(t, "ingest", "--events", "late.csv"), "forgotten", "as it should be")
}

func TestFailuresNameTheThingAndTheWayOut(t *testing.T) {
	shop(t)
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"dance"}, exitUsage, `"dance"`},
		{[]string{"train"}, exitUsage, "KIND"},
		{[]string{"train", "svd"}, exitUsage, "known are als"},
		{[]string{"train", "als", "--factors", "3"}, exitUsage, "--factors"},
		{[]string{"train", "als", "--params", "factors=3"}, exitUsage, "JSON object"},
		{[]string{"train", "als", "--params", `{"factor": 3}`}, exitUsage, "known are"},
		{[]string{"train", "als", "--params", `{"factors": 0}`}, exitUsage, "factors"},
		{[]string{"train", "als", "--sample-rate", "0"}, exitUsage, "--sample-rate"},
		{[]string{"train", "als", "--test-size", "1"}, exitUsage, "--test-size"},
		{[]string{"train", "als", "--use-item-features"}, exitUsage, "lightfm"},
		{[]string{"train", "als", "--weighting", "cubic"}, exitUsage, "cubic"},
		{[]string{"train", "als", "--half-life", "soon"}, exitUsage, "soon"},
		{[]string{"train", "als", "--db", "absent.db"}, exitFailure, "absent.db"},
		{[]string{"recommend"}, exitUsage, "--user-id"},
		{[]string{"recommend", "--user-id", "w1", "--model-dir", "absent"}, exitFailure, "absent"},
		{[]string{"evaluate", "als", "--train", "events.csv"}, exitUsage, "--test"},
		{[]string{"evaluate", "als", "--train", "events.csv", "--test", "absent.csv"}, exitFailure, "absent.csv"},
		{[]string{"evaluate", "als", "--split", "magic"}, exitUsage, "magic"},
		{[]string{"ingest"}, exitUsage, "--events"},
		{[]string{"ingest", "--events", "absent.parquet"}, exitFailure, "absent.parquet"},
	} {
		code, _, stderr := recsysLite(t, c.args...)
		require.Equal(t, c.code, code, "%v\n%s", c.args, stderr)
		require.Contains(t, stderr, c.want, "%v", c.args)
		require.NotContains(t, stderr, "goroutine")
	}

	succeeds(t, "train", "popularity", "--output", "model_artifacts/als")
	code, _, stderr := recsysLite(t, "recommend", "--user-id", "nobody")
	require.Equal(t, exitFailure, code)
	require.Contains(t, stderr, "nobody")
	require.Contains(t, succeeds(t, "recommend", "--user-id", "nobody", "--fallback"), "popular")
}

// A flag that nothing would look at is refused, before anything is done.
func TestFlagsWithoutEffect(t *testing.T) {
	shop(t)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"train", "als", "--gate-metric", "recall@10"}, "--gate-metric is for --gate"},
		{[]string{"worker", "--once", "--gate-test-size", "0.3"}, "--gate-test-size does not go with --once"},
		{[]string{"worker", "--gate-metric", "hr@10"}, "--retrain-cron asks for"},
		{[]string{"evaluate", "--weighting", "binary"}, "--weighting goes with a KIND"},
		{[]string{"evaluate", "--params", "{}"}, "--params goes with a KIND"},
		{[]string{"evaluate", "als", "--model-dir", "elsewhere"}, "without KIND"},
		{[]string{"evaluate", "als", "--split", "last", "--test-size", "0.3"}, "--test-size is for"},
		{[]string{"evaluate", "als", "--cut", "2024-01-01", "--test-size", "0.3"}, "--test-size is for"},
		{[]string{"recommend", "--user-id", "w1", "--history", "3", "--json"}, "--history"},
		{[]string{"recommend", "--session", "pot", "--history", "3"}, "--user-id"},
		{[]string{"recommend", "--user-id", "w1", "--history", "-1"}, "negative"},
		{[]string{"gdpr", "delete-user", "--user-id", "w1", "--index", "hnsw"}, "--index is for the models of --retrain"},
		{[]string{"gdpr", "delete-user", "--user-id", "w1", "--retrain", "--index", "magic"}, `--index is "magic"`},
		{[]string{"doctor", "--salvage", "out.db", "--models-root", "m"}, "--models-root is for an examination"},
		{[]string{"restore", "backups/x", "--check", "--force"}, "--force is for restoring"},
	} {
		code, _, stderr := recsysLite(t, c.args...)
		require.Equal(t, exitUsage, code, "%v\n%s", c.args, stderr)
		require.Contains(t, stderr, c.want, "%v", c.args)
	}
	t.Setenv("INDEX", "magic")
	code, _, stderr := recsysLite(t, "worker", "--retrain-cron", "0 2 * * 0")
	require.Equal(t, exitUsage, code)
	require.Contains(t, stderr, `$INDEX is "magic"`)
}

func TestNoEvents(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "items.csv", itemsCSV)
	succeeds(t, "ingest", "--items", "items.csv", "--db", "shop.db")
	code, _, stderr := recsysLite(t, "train", "als", "--db", "shop.db")
	require.Equal(t, exitFailure, code)
	require.Contains(t, stderr, "at least one event")
}

func TestInterrupted(t *testing.T) {
	shop(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out, errs bytes.Buffer
	require.Equal(t, exitInterrupted, run(ctx, []string{"train", "als"}, &out, &errs))
	require.NoDirExists(t, "model_artifacts/als/versions")
}

// What is mistyped is said at once, and leaves nothing behind that would puzzle the next command.
func TestMistypedPaths(t *testing.T) {
	shop(t)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"ingest", "--events", "absent.csv", "--db", "new.db"}, "absent.csv"},
		{[]string{"train", "als", "--db", "absent.db"}, "there is no database absent.db: import events with 'recsys-lite ingest'"},
		{[]string{"gdpr", "export-user", "--user-id", "w1", "--db", "absent.db"}, "there is no database absent.db"},
		{[]string{"gdpr", "delete-user", "--user-id", "w1", "--db", "absent.db"}, "there is no database absent.db"},
		{[]string{"gdpr", "list", "--db", "absent.db"}, "there is no database absent.db"},
		// Before the fit, for which the database would be read.
		{[]string{"train", "als", "--output", "items.csv", "--db", "absent.db"}, "items.csv"},
		{[]string{"evaluate", "als", "--report", "items.csv/sub", "--db", "absent.db"}, "items.csv/sub"},
	} {
		code, _, stderr := recsysLite(t, c.args...)
		require.Equal(t, exitFailure, code, "%v\n%s", c.args, stderr)
		require.Contains(t, stderr, c.want, "%v", c.args)
	}
	for _, path := range []string{"new.db", "absent.db", "gdpr.key", "logs", "model_artifacts"} {
		require.NoFileExists(t, path)
		require.NoDirExists(t, path)
	}

	write(t, "bad.csv", "user_id,item_id,ts,qty\nw1,pen,yesterday,1\nw1,pen,200,1\n")
	require.Contains(t, succeeds(t, "ingest", "--events", "bad.csv", "--rejects", "lists/of/bad"), "1 rejected")
	require.FileExists(t, "lists/of/bad/bad.csv.rejects.csv")
}
