package main

import (
	"fmt"
	"math"
	"sync"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/eval/report"
)

// lossCurves collects the losses that a fit reports. A stage that begins anew, as that of
// the next member of a blend, begins a new curve.
type lossCurves struct {
	mu    sync.Mutex
	all   []report.Curve
	steps map[string]int // by stage: the last step
	at    map[string]int // by stage: its curve
}

// record is hook, with a look at what passes.
func (l *lossCurves) record(hook func(recsys.Progress)) func(recsys.Progress) {
	l.steps, l.at = make(map[string]int), make(map[string]int)
	return func(p recsys.Progress) {
		l.note(p)
		if hook != nil {
			hook(p)
		}
	}
}

func (l *lossCurves) note(p recsys.Progress) {
	if math.IsNaN(p.Loss) || math.IsInf(p.Loss, 0) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	at, known := l.at[p.Stage]
	if !known || p.Done <= l.steps[p.Stage] {
		name := p.Stage
		if known {
			name = fmt.Sprintf("%s (%d)", p.Stage, len(l.all)+1)
		}
		at = len(l.all)
		l.all, l.at[p.Stage] = append(l.all, report.Curve{Name: name}), at
	}
	l.steps[p.Stage] = p.Done
	l.all[at].Values = append(l.all[at].Values, p.Loss)
}

// curves are those of more than one step.
func (l *lossCurves) curves() []report.Curve {
	var out []report.Curve
	for _, c := range l.all {
		if len(c.Values) > 1 {
			out = append(out, c)
		}
	}
	return out
}
