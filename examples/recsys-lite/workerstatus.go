package main

import (
	"context"
	"time"

	"github.com/recsys-lite/recsys/httpapi"
	"github.com/recsys-lite/recsys/worker"
)

// worker says for GET /health/worker what the worker of the model directory wrote last.
func (s settings) worker(context.Context) (*httpapi.WorkerStatus, error) {
	w, err := worker.ReadStatus(s.ModelDir)
	if w == nil || err != nil {
		return nil, err
	}
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.Format(time.RFC3339Nano)
	}
	out := &httpapi.WorkerStatus{LastTick: at(w.LastTick), TookMS: w.TookMS, IntervalS: w.IntervalS, Events: w.Events, Users: w.Users,
		NewItems: w.NewItems, Version: w.Version, Error: w.Error, NextRetrain: at(w.NextRetrain)}
	if p := w.Published; p != nil {
		out.Published = &httpapi.WorkerPublished{Version: p.Version, At: at(p.At)}
	}
	if q := w.Quarantined; q != nil {
		out.Quarantined = &httpapi.WorkerQuarantined{Files: q.Files, File: q.File, At: at(q.At), Reason: q.Reason}
	}
	if r := w.Retrain; r != nil {
		out.Retrain = &httpapi.WorkerRetrain{At: at(r.At), Version: r.Version, Promoted: r.Promoted, Reason: r.Reason, Error: r.Error}
	}
	return out, nil
}
