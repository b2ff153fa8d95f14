package main

import (
	"fmt"
	"time"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/eval"
	"github.com/recsys-lite/recsys/eval/report"
)

// writePage writes report.html into the output directory: the best of each kind on the
// validation part, and the trials behind it.
func (s *searching) writePage() error {
	best, err := s.winner.study.Best()
	if err != nil {
		return err
	}
	metric := s.metric.String()
	p := &report.Page{
		Title: fmt.Sprintf("The search for the best %s", metric),
		Lead: fmt.Sprintf("%d trials on events from %s on, the validation part. Its figures chose the winner and flatter it a little; those of the test part, if there is one, do not.",
			s.trialCount(), s.parts.ValidationCut.Format(time.DateOnly)),
		Metric: metric, Differences: make(map[string]eval.Difference),
		Search: &report.Search{
			Best: fmt.Sprintf("%s, trial %d", s.winner.kind.Name, best.Number), Params: best.Complete, Test: s.test,
		},
	}
	if !s.auto {
		p.Title = fmt.Sprintf("The search for the best %s of %s", metric, s.winner.kind.Name)
	}
	for _, x := range s.searches {
		if len(x.study.Trials()) > 0 {
			p.Search.Studies = append(p.Search.Studies, report.Study{Kind: x.kind.Name, Space: x.study.Space(), Trials: x.study.Trials(), Baseline: x.baseline(s.metric)})
		}
		if x.validation == nil {
			continue
		}
		of, err := x.study.Best()
		if err != nil {
			return err
		}
		m := report.Model{Name: x.kind.Name, Params: of.Complete, Result: x.validation}
		if x == s.winner {
			m.Loss = s.loss
		}
		if x.behind != nil {
			p.Differences[x.kind.Name] = *x.behind
		}
		p.Models = append(p.Models, m)
	}
	p.Facts = append(trainingFacts(s.parts.Validation.Train), report.Fact{Name: "Validation part", Value: "from " + s.parts.ValidationCut.Format(time.DateOnly)})
	if s.parts.Test != nil {
		p.Facts = append(p.Facts, report.Fact{Name: "Test part", Value: "from " + s.parts.TestCut.Format(time.DateOnly)})
	}
	p.Facts = append(p.Facts, runFacts(s.data.model.seed)...)
	p.Samples = s.samples()
	return writePage(s.data.output, p)
}

// samples are lists of the winner and, beside it, of the other kinds' best.
func (s *searching) samples() []report.Sample {
	lists := []sampleLists{{s.winner.kind.Name, s.winner.lists}}
	for _, x := range s.searches {
		if x != s.winner && x.lists != nil {
			lists = append(lists, sampleLists{x.kind.Name, x.lists})
		}
	}
	data := &measuredData{Split: s.parts.Validation, titles: make(map[string]recsys.Item, len(s.in.catalogue))}
	for _, item := range s.in.catalogue {
		data.titles[item.ID] = item
	}
	return data.samples(lists, false)
}
