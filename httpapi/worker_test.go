package httpapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/httpapi"
)

func TestHealthOfTheWorker(t *testing.T) {
	ago := func(d time.Duration) string { return time.Now().Add(-d).Format(time.RFC3339Nano) }
	for name, c := range map[string]struct {
		status *httpapi.WorkerStatus
		err    error
		state  string
		age    float64
		says   string
	}{
		"none":                     {state: "none"},
		"retrained only":           {status: &httpapi.WorkerStatus{Retrain: &httpapi.WorkerRetrain{}}, state: "none"},
		"just now":                 {status: &httpapi.WorkerStatus{LastTick: ago(12 * time.Second), IntervalS: 60, Version: "v2"}, state: "ok", age: 12},
		"failed":                   {status: &httpapi.WorkerStatus{LastTick: ago(12 * time.Second), IntervalS: 60, Error: "the disk is full"}, state: "failed", age: 12, says: "the disk is full"},
		"almost late":              {status: &httpapi.WorkerStatus{LastTick: ago(170 * time.Second), IntervalS: 60}, state: "ok", age: 170},
		"late":                     {status: &httpapi.WorkerStatus{LastTick: ago(181 * time.Second), IntervalS: 60}, state: "late", age: 181},
		"its ticks take long":      {status: &httpapi.WorkerStatus{LastTick: ago(181 * time.Second), IntervalS: 60, TookMS: 100_000}, state: "ok", age: 181},
		"each tick is asked for":   {status: &httpapi.WorkerStatus{LastTick: ago(100 * time.Hour)}, state: "ok", age: 360_000},
		"its clock is ahead":       {status: &httpapi.WorkerStatus{LastTick: ago(-time.Hour), IntervalS: 60}, state: "ok"},
		"damaged":                  {err: errors.New("worker.json is damaged"), state: "unreadable", says: "damaged"},
		"a time that is none":      {status: &httpapi.WorkerStatus{LastTick: "yesterday"}, state: "unreadable", says: "yesterday"},
		"failed and silent, then?": {status: &httpapi.WorkerStatus{LastTick: ago(time.Hour), IntervalS: 60, Error: "no"}, state: "failed", age: 3600, says: "no"},
	} {
		t.Run(name, func(t *testing.T) {
			// Without a model too: the worker may be what is to be looked at.
			api, err := httpapi.New(new(recsys.Engine), httpapi.Options{Worker: func(context.Context) (*httpapi.WorkerStatus, error) { return c.status, c.err }})
			require.NoError(t, err)
			t.Cleanup(api.Close)
			answer := serveOne(api, localRequest("GET", "http://localhost/health/worker", ""))
			require.Equal(t, 200, answer.StatusCode)
			var got httpapi.WorkerStatus
			require.NoError(t, json.NewDecoder(answer.Body).Decode(&got))
			require.Equal(t, c.state, got.State)
			require.InDelta(t, c.age, got.AgeS, 5)
			require.Contains(t, got.Error, c.says)
		})
	}
	api, _ := newAPI(t, httpapi.Options{})
	require.Equal(t, 403, get(api, "/health/worker").Code, "for administrators")
	require.Equal(t, 200, serveOne(api, localRequest("GET", "http://localhost/health/worker", "")).StatusCode)
}
