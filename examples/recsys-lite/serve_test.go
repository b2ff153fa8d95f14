package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
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
	r, err := http.Get(url)
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
