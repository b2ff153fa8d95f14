package httpapi

import "time"

// The states of a worker.
const (
	workerNone       = "none"
	workerOK         = "ok"
	workerFailed     = "failed"
	workerLate       = "late"
	workerUnreadable = "unreadable"
)

// lateAfter is how many intervals a worker may be silent for.
const lateAfter = 3

// WorkerStatus says how a worker fares, for /health/worker. Times are in RFC 3339, empty where
// there is none.
type WorkerStatus struct {
	State       string             `json:"state" enum:"none,ok,failed,late,unreadable" doc:"none: no worker has run here; failed: its last tick failed; late: it is silent for three intervals, or three times as long as its last tick took; unreadable: error says why nothing is known"`
	AgeS        float64            `json:"age_s" doc:"Seconds since the last tick ended, by this server's clock"`
	LastTick    string             `json:"last_tick" doc:"When the last tick ended (RFC 3339), empty where none has"`
	TookMS      int64              `json:"took_ms"`
	IntervalS   float64            `json:"interval_s" doc:"Seconds between ticks; 0 where each is asked for"`
	Events      int64              `json:"events" doc:"Imported by the last tick"`
	Users       int                `json:"users" doc:"Refitted by it"`
	NewItems    int                `json:"new_items"`
	Version     string             `json:"version" doc:"Published by it; empty where nothing was new"`
	Error       string             `json:"error" doc:"Why it failed, without what the message quotes; the worker's log has all of it"`
	Published   *WorkerPublished   `json:"published,omitempty" nullable:"false" doc:"The last version that a tick published"`
	Quarantined *WorkerQuarantined `json:"quarantined,omitempty" nullable:"false" doc:"Files that could not be imported, and the last of them"`
	NextRetrain string             `json:"next_retrain" doc:"When the next retraining is due, empty without a schedule"`
	Retrain     *WorkerRetrain     `json:"retrain,omitempty" nullable:"false" doc:"What the last retraining came to"`
}

// WorkerPublished is a version and when it was published.
type WorkerPublished struct {
	Version string `json:"version"`
	At      string `json:"at" format:"date-time"`
}

// WorkerQuarantined is what lies in quarantine.
type WorkerQuarantined struct {
	Files  int    `json:"files"`
	File   string `json:"file"`
	At     string `json:"at" format:"date-time"`
	Reason string `json:"reason"`
}

// WorkerRetrain is what a retraining came to.
type WorkerRetrain struct {
	At       string `json:"at" format:"date-time"`
	Version  string `json:"version"`
	Promoted bool   `json:"promoted" doc:"Whether it passed the gate"`
	Reason   string `json:"reason"`
	Error    string `json:"error" doc:"Why there is no version"`
}

// worker answers GET /health/worker.
func (a *API) worker(x *exchange) error {
	var s *WorkerStatus
	var err error
	if a.options.Worker != nil {
		s, err = a.options.Worker(x.ctx)
	}
	switch {
	case err != nil:
		return x.json(WorkerStatus{State: workerUnreadable, Error: err.Error()})
	case s == nil || s.LastTick == "":
		return x.json(WorkerStatus{State: workerNone})
	}
	out := *s
	last, err := time.Parse(time.RFC3339, s.LastTick)
	if err != nil {
		return x.json(WorkerStatus{State: workerUnreadable, Error: err.Error()})
	}
	out.AgeS = max(time.Since(last).Seconds(), 0) // clocks of two machines may differ
	switch {
	case out.Error != "":
		out.State = workerFailed
	case out.IntervalS > 0 && out.AgeS > lateAfter*max(out.IntervalS, float64(out.TookMS)/1000):
		out.State = workerLate
	default:
		out.State = workerOK
	}
	return x.json(out)
}
