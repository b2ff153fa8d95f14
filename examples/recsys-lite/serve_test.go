package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys/gdpr"
)

// serving starts the server in the working directory and returns its URL; it stops with the
// test, and must stop cleanly.
func serving(t *testing.T, args ...string) (url string, log *lines) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	log = &lines{wait: make(chan string, 1000)}
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, append([]string{"serve", "--port", "0"}, args...), io.Discard, log)
	}()
	t.Cleanup(func() {
		cancel()
		require.Zero(t, <-done)
	})
	line := log.find(t, "url=")
	return regexp.MustCompile(`url=(\S+)`).FindStringSubmatch(line)[1], log
}

// lines hands over what is written to it line by line.
type lines struct {
	wait chan string
	rest string
}

func (l *lines) Write(p []byte) (int, error) {
	l.rest += string(p)
	for {
		line, rest, whole := strings.Cut(l.rest, "\n")
		if !whole {
			return len(p), nil
		}
		l.rest = rest
		l.wait <- line
	}
}

// find waits for a line that contains word.
func (l *lines) find(t *testing.T, word string) string {
	t.Helper()
	limit := time.After(30 * time.Second)
	for {
		select {
		case line := <-l.wait:
			if strings.Contains(line, word) {
				return line
			}
		case <-limit:
			require.Fail(t, "the log never said "+word)
		}
	}
}

func get(t *testing.T, url string) (int, map[string]any) {
	t.Helper()
	return getWith(t, url)
}

// getWith is get with headers, names and values in turn.
func getWith(t *testing.T, url string, header ...string) (int, map[string]any) {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, url, nil)
	require.NoError(t, err)
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	r, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer r.Body.Close()
	var body map[string]any
	require.NoError(t, json.NewDecoder(r.Body).Decode(&body))
	return r.StatusCode, body
}

func TestServeAnswersAndFollowsTheModel(t *testing.T) {
	shop(t)
	url, log := serving(t, "--model-dir", "model_artifacts/als")
	code, body := get(t, url+"/health")
	require.Equal(t, 503, code, "no model yet: %v", body)

	succeeds(t, "train", "als", "--params", `{"factors": 8}`)
	log.find(t, "model loaded")
	code, body = get(t, url+"/health")
	require.Equal(t, 200, code)
	require.Equal(t, "ok", body["status"])
	require.Equal(t, "als", body["model_type"])
	code, body = get(t, url+"/recommend?user_id=w3&k=1")
	require.Equal(t, 200, code)
	require.Equal(t, "pad", body["recommendations"].([]any)[0].(map[string]any)["item_id"])

	// The runbook's way to replace a model: cp -r NEW/* CURRENT/.
	succeeds(t, "train", "popularity", "--output", "fresh")
	copied, err := exec.Command("sh", "-c", "cp -r fresh/* model_artifacts/als/").CombinedOutput()
	require.NoError(t, err, "%s", copied)
	log.find(t, "version=popularity-")
	_, body = get(t, url+"/health")
	require.Equal(t, "popularity", body["model_type"])

	// A broken model is refused, and the old one goes on serving.
	require.NoError(t, os.WriteFile("model_artifacts/als/current", []byte("als-20990101T000000Z\n"), 0o644))
	log.find(t, "no new model")
	code, _ = get(t, url+"/recommend?user_id=w3&k=1")
	require.Equal(t, 200, code)

	text, err := os.ReadFile("logs/api.log")
	require.NoError(t, err)
	require.Contains(t, string(text), "model loaded")
	require.NotContains(t, string(text), "w3", "user ids are not logged")
}

// send posts JSON and returns the status with the decoded answer.
func send(t *testing.T, url, body string, header ...string) (int, map[string]any) {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	var out map[string]any
	require.NoError(t, json.NewDecoder(answer.Body).Decode(&out))
	return answer.StatusCode, out
}

// first is the best recommendation of an answer.
func first(t *testing.T, body map[string]any) string {
	t.Helper()
	list, _ := body["recommendations"].([]any)
	require.NotEmpty(t, list, "%v", body)
	return list[0].(map[string]any)["item_id"].(string)
}

func TestEventsCountAtOnceAndAfterARestart(t *testing.T) {
	shop(t)
	succeeds(t, "train", "als", "--params", `{"factors": 8}`)
	t.Run("first server", func(t *testing.T) {
		url, _ := serving(t)
		code, _ := get(t, url+"/recommend?user_id=newcomer&k=1")
		require.Equal(t, 404, code)
		code, body := send(t, url+"/events", `{"events":[{"user_id":"newcomer","item_id":"cup"},{"user_id":"newcomer","item_id":"tea"}]}`)
		require.Equal(t, 202, code, "%v", body)
		require.EqualValues(t, 2, body["accepted"])
		_, body = get(t, url+"/recommend?user_id=newcomer&k=1")
		require.Equal(t, "pot", first(t, body))
		// The answer that was cached does not outlive the next event.
		code, _ = send(t, url+"/events", `{"user_id":"newcomer","item_id":"pot","event_type":"view"}`)
		require.Equal(t, 202, code)
		_, body = get(t, url+"/recommend?user_id=newcomer&k=1")
		require.NotEqual(t, "pot", first(t, body))
		_, body = get(t, url+"/recent?user_id=newcomer&k=3")
		require.Len(t, body["items"], 3)
	})
	t.Run("second server", func(t *testing.T) {
		url, _ := serving(t)
		_, body := get(t, url+"/recent?user_id=newcomer&k=3")
		require.Len(t, body["items"], 3, "no worker has taken the events yet: %v", body)
	})
	t.Run("without a journal", func(t *testing.T) {
		url, _ := serving(t, "--incremental-dir", "")
		code, _ := send(t, url+"/events", `{"user_id":"newcomer","item_id":"pot"}`)
		require.Equal(t, 503, code)
	})
}

func TestRulesAndKeysAreReadAgain(t *testing.T) {
	shop(t)
	succeeds(t, "train", "als", "--params", `{"factors": 8}`)
	write(t, "rules.json", `{"rules":[{"name":"sale","action":"pin","position":1,"match":{"include_items":["tea"]}}]}`)
	var key struct{ Key, Line string }
	require.NoError(t, json.Unmarshal([]byte(succeeds(t, "keys", "new", "--name", "backend", "--role", "admin", "--json")), &key))
	write(t, "keys.txt", "# of the shop\n"+key.Line+"\n")
	url, log := serving(t, "--rules", "rules.json", "--api-keys-file", "keys.txt")

	code, body := get(t, url+"/recommend?user_id=w3&k=1")
	require.Equal(t, 401, code, "%v", body)
	ask := func() string {
		code, body := getWith(t, url+"/recommend?user_id=w3&k=1", "X-API-Key", key.Key)
		require.Equal(t, 200, code, "%v", body)
		return first(t, body)
	}
	require.Equal(t, "tea", ask())
	code, body = getWith(t, url+"/models", "Authorization", "Bearer "+key.Key)
	require.Equal(t, 200, code)
	require.Equal(t, true, body["models"].([]any)[0].(map[string]any)["serving"])

	write(t, "rules.json", `{"rules":[{"name":"sale","action":"hide","match":{"include_items":["tea"]}}`)
	log.find(t, "rules refused")
	require.Equal(t, "tea", ask(), "the old ones hold")
	write(t, "rules.json", `{"rules":[]}`)
	log.find(t, "rules in force")
	require.Equal(t, "pad", ask())

	write(t, "keys.txt", "# none\n")
	log.find(t, "API keys refused")
	code, _ = get(t, url+"/recommend?user_id=w3&k=1")
	require.Equal(t, 401, code, "an empty file does not open the server")
	var other struct{ Key, Line string }
	require.NoError(t, json.Unmarshal([]byte(succeeds(t, "keys", "new", "--name", "other", "--json")), &other))
	write(t, "keys.txt", other.Line+"\n")
	log.find(t, "API keys in force")
	code, _ = getWith(t, url+"/recommend?user_id=w3&k=1", "X-API-Key", key.Key)
	require.Equal(t, 401, code)
	code, _ = getWith(t, url+"/recommend?user_id=w3&k=1", "X-API-Key", other.Key)
	require.Equal(t, 200, code)
	code, _ = send(t, url+"/events", `{"user_id":"w3","item_id":"pot"}`, "X-API-Key", other.Key)
	require.Equal(t, 403, code)
}

// Twenty models go live under load, every other one by the runbook's cp -r and one of them
// broken: no answer fails, each is of one version, and neither goroutines nor files stay behind.
func TestReloadsUnderLoad(t *testing.T) {
	if testing.Short() {
		t.Skip("trains twenty models")
	}
	shop(t)
	succeeds(t, "train", "als", "--params", `{"factors": 4}`)
	url, log := serving(t, "--log-dir", "")
	stop := make(chan struct{})
	var load sync.WaitGroup
	var asked atomic.Int64
	seen := make(map[string]bool)
	var mu sync.Mutex
	for range 3 {
		load.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				r, err := http.Get(url + "/recommend?user_id=w3&k=3")
				if err != nil {
					t.Error(err)
					return
				}
				var body struct {
					Version         string `json:"model_version"`
					Recommendations []any
				}
				err = json.NewDecoder(r.Body).Decode(&body)
				r.Body.Close()
				if err != nil || r.StatusCode != 200 || len(body.Recommendations) != 3 {
					t.Errorf("%d %v %v", r.StatusCode, err, body)
					return
				}
				asked.Add(1)
				mu.Lock()
				seen[body.Version] = true
				mu.Unlock()
			}
		})
	}
	var goroutines, files int
	for n := range 20 {
		kind := []string{"als", "popularity"}[n%2]
		if n%2 == 0 {
			succeeds(t, "train", kind, "--params", `{"factors": 4}`, "--output", "model_artifacts/als", "--keep", "3")
		} else {
			require.NoError(t, os.RemoveAll("fresh"))
			succeeds(t, "train", kind, "--output", "fresh")
			out, err := exec.Command("sh", "-c", "cp -r fresh/* model_artifacts/als/").CombinedOutput()
			require.NoError(t, err, "%s", out)
		}
		log.find(t, "model loaded")
		switch n {
		case 4:
			goroutines, files = runtime.NumGoroutine(), openFiles(t)
		case 10: // a broken one
			current, err := os.ReadFile("model_artifacts/als/current")
			require.NoError(t, err)
			require.NoError(t, os.WriteFile("model_artifacts/als/current", []byte("als-20990101T000000Z\n"), 0o644))
			log.find(t, "no new model")
			require.NoError(t, os.WriteFile("model_artifacts/als/current", current, 0o644))
		}
	}
	require.InDelta(t, goroutines, runtime.NumGoroutine(), 10)
	require.InDelta(t, files, openFiles(t), 10)
	close(stop)
	load.Wait()
	require.Greater(t, len(seen), 10)
	require.Greater(t, asked.Load(), int64(200))
	r, err := http.NewRequest(http.MethodGet, url+"/metrics", nil)
	require.NoError(t, err)
	r.Header.Set("Accept", "text/plain")
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Contains(t, string(text), `recsys_model_loads_total{result="live"} 21`)
	require.Contains(t, string(text), `recsys_model_loads_total{result="refused"} 1`)
}

// openFiles counts the descriptors of this process.
func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("this system does not list open files")
	}
	return len(entries)
}

func TestAForgottenUserIsUnknownAtOnce(t *testing.T) {
	shop(t)
	succeeds(t, "train", "als", "--params", `{"factors": 8}`)
	url, _ := serving(t)
	code, _ := get(t, url+"/recommend?user_id=w3&k=1")
	require.Equal(t, 200, code)
	require.NoError(t, gdpr.AddForgotten("model_artifacts/als", "w3"))
	code, _ = get(t, url+"/recommend?user_id=w3&k=1")
	require.Equal(t, 404, code, "also from the cache")
	code, body := send(t, url+"/events", `{"events":[{"user_id":"w3","item_id":"pot"},{"user_id":"w2","item_id":"pot"}]}`)
	require.Equal(t, 202, code)
	require.EqualValues(t, 1, body["accepted"])
	require.EqualValues(t, 1, body["dropped"])
	_, body = get(t, url+"/users?k=50")
	require.NotContains(t, fmt.Sprint(body), "w3")
	require.Contains(t, fmt.Sprint(body), "w2")
}

func TestServeRefusesWhatCannotBeMeant(t *testing.T) {
	shop(t)
	write(t, "bad.json", `{"rules":[{"name":"x","action":"shout"}]}`)
	write(t, "bad.txt", "shop root 12\n")
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--rules", "bad.json"}, "shout"},
		{[]string{"--rules", "missing.json"}, "missing.json"},
		{[]string{"--api-keys-file", "bad.txt"}, `role "root"`},
		{[]string{"--rate-limit", "-1"}, "--rate-limit is -1"},
		{[]string{"--threads", "-1"}, "--threads is -1"},
		{[]string{"--max-recommendations", "0"}, "at least 1"},
		{[]string{"--cache-size", "0"}, "--cache-expiry 0"},
		{[]string{"--cache-expiry", "-1"}, "--cache-expiry is -1"},
		{[]string{"--timeout", "0s"}, "--timeout is 0s"},
		{[]string{"--cors-origins", "shop.example"}, "https://shop.example"},
		{[]string{"--cache-expiry", "7200"}, "1h"},
		{[]string{"--incremental-dir", "items.csv"}, "--incremental-dir ''"},
	} {
		code, _, stderr := recsysLite(t, append([]string{"serve", "--port", "0"}, c.args...)...)
		require.NotZero(t, code, "%v", c.args)
		require.Contains(t, stderr, c.want, "%v", c.args)
	}
}

// An id of a megabyte is answered by the program, in JSON, over a real connection too.
func TestServeAnswersHugeIDs(t *testing.T) {
	shop(t)
	url, _ := serving(t)
	r, err := http.Get(url + "/recommend?user_id=" + strings.Repeat("x", 1<<20))
	require.NoError(t, err)
	defer r.Body.Close()
	require.Equal(t, http.StatusUnprocessableEntity, r.StatusCode)
	require.Equal(t, "application/problem+json", r.Header.Get("Content-Type"))
}
