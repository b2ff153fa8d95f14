package httpapi_test

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/httpapi"
)

// memory is a journal that keeps nothing for longer than the test.
type memory struct {
	mu     sync.Mutex
	events []recsys.Event
	fail   error
}

func (m *memory) ID() string { return "memory" }

func (m *memory) Append(_ context.Context, events []recsys.Event) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return 0, m.fail
	}
	first := int64(len(m.events)) + 1
	m.events = append(m.events, events...)
	return first, nil
}

var errDisk = errors.New("the disk is full")

func someWorker(context.Context) (*httpapi.WorkerStatus, error) {
	at := time.Now().Add(-12 * time.Second).Format(time.RFC3339)
	return &httpapi.WorkerStatus{LastTick: at, TookMS: 612, IntervalS: 60, Events: 132, Users: 40, NewItems: 3, Version: "v2",
		Published: &httpapi.WorkerPublished{Version: "v2", At: at}, NextRetrain: at,
		Quarantined: &httpapi.WorkerQuarantined{Files: 1, File: "x.parquet", At: at, Reason: "not a complete Parquet file"},
		Retrain:     &httpapi.WorkerRetrain{At: at, Version: "v3", Reason: "worse"}}, nil
}

func someModels(context.Context) ([]httpapi.ModelVersion, error) {
	return []httpapi.ModelVersion{{Version: "v1", Kind: "fixed", Created: "2026-01-02T03:04:05Z", Current: true, Users: 2, Items: 3, Interactions: 2,
		Metrics: map[string]float64{"ndcg@10": .5}, Promotion: []byte(`{"promoted":true}`)}}, nil
}
