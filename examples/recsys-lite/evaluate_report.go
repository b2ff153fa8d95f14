package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/eval"
	"github.com/recsys-lite/recsys/eval/report"
	"github.com/recsys-lite/recsys/internal/durable"
)

// What the report shows of single users.
const (
	samplesPerSegment = 2
	sampleModels      = 3  // the best ones
	sampleLength      = 10 // items of a list, and of what is shown of a history
)

const reportFile = "report.html"

func (e *evaluation) reportPath() string { return filepath.Join(e.report, reportFile) }

// writeReport writes the page, if one is wanted.
func (e *evaluation) writeReport(data *measuredData, c *comparison) error {
	if e.report == "" {
		return nil
	}
	var names []string
	p := &report.Page{Metric: c.Metric, Differences: make(map[string]eval.Difference)}
	for _, o := range c.Models {
		names = append(names, o.Model)
		p.Models = append(p.Models, report.Model{Name: o.Model, Params: o.Params, FitSeconds: o.FitSeconds, Result: o.Result, Loss: o.loss})
		if d, ok := c.Behind[o.Model][c.Metric]; ok {
			p.Differences[o.Model] = d
		}
	}
	best := c.Models[0]
	if len(names) == 1 {
		p.Title = "How well " + names[0] + " recommends"
	} else {
		p.Title = fmt.Sprintf("%d models compared: %s leads", len(names), best.Model)
	}
	p.Lead = fmt.Sprintf("Measured on what %s users bought next, with every item of the catalogue ranked, beside what popularity alone reaches.", report.Count(best.Users))
	if best.Predictions > 0 {
		p.Lead = fmt.Sprintf("Measured on the next item of %s sessions at every step, with every item of the catalogue ranked, beside what popularity alone reaches.", report.Count(best.Users))
	}
	p.Facts = append(trainingFacts(data.Train), report.Fact{Name: "Split", Value: best.Split})
	if len(e.train) == 0 {
		p.Facts = append(p.Facts, report.Fact{Name: "Database", Value: filepath.Base(e.db.path)})
	}
	p.Facts = append(p.Facts, runFacts(e.model.seed)...)
	var lists []sampleLists
	for _, o := range c.Models {
		lists = append(lists, sampleLists{o.Model, o.lists})
	}
	p.Samples = data.samples(lists, e.reportUsers)
	return writePage(e.report, p)
}

// writePage writes a page into a directory, which is made if need be.
func writePage(dir string, p *report.Page) error {
	var b bytes.Buffer
	if err := report.Write(&b, p); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return durable.Replace(filepath.Join(dir, reportFile), b.Bytes(), 0o644)
}

func trainingFacts(d *recsys.Dataset) []report.Fact {
	x := d.Interactions
	return []report.Fact{
		{Name: "Trained on", Value: fmt.Sprintf("%s users, %s items, %s interactions", report.Count(x.Rows), report.Count(x.Cols), report.Count(x.NNZ()))},
		{Name: "Latest training event", Value: time.Unix(d.Watermark.Time, 0).UTC().Format("2006-01-02 15:04 UTC")},
	}
}

func runFacts(seed uint64) []report.Fact {
	b := thisBuild()
	return []report.Fact{
		{Name: "Seed", Value: fmt.Sprint(seed)},
		{Name: "Program", Value: fmt.Sprintf("recsys-lite %s, %s kernels", b.Version, strings.ToUpper(b.Kernels))},
		{Name: "Written", Value: time.Now().UTC().Format("2006-01-02 15:04 UTC")},
	}
}

// sampleLists are a model's lists for some users.
type sampleLists struct {
	model string
	lists []eval.List
}

// samples lays the lists of the first models side by side: every model was asked for the same
// users.
func (d *measuredData) samples(models []sampleLists, named bool) []report.Sample {
	var out []report.Sample
	for n, list := range models[0].lists {
		s := report.Sample{User: fmt.Sprintf("User %d", n+1), Segment: list.Segment, Had: len(list.History), Bought: len(list.HeldOut) + list.Missing}
		if named {
			s.User = d.Train.Users.ID(list.User)
		}
		for _, i := range list.History[:min(sampleLength, len(list.History))] {
			s.History = append(s.History, d.item(i))
		}
		for _, i := range list.HeldOut[:min(sampleLength, len(list.HeldOut))] {
			s.HeldOut = append(s.HeldOut, d.item(i))
		}
		for _, o := range models[:min(sampleModels, len(models))] {
			r := report.Ranking{Model: o.model}
			for _, i := range o.lists[n].Ranking {
				r.Items = append(r.Items, report.Ranked{Item: d.item(i.Item), Score: i.Score, Hit: list.Hit(i.Item)})
			}
			s.Lists = append(s.Lists, r)
		}
		out = append(out, s)
	}
	return out
}

// item is an item by its number in the training part, as far as it is known.
func (d *measuredData) item(i int32) recsys.Item {
	id := d.Train.Items.ID(i)
	if item, ok := d.titles[id]; ok {
		return item
	}
	return recsys.Item{ID: id}
}
