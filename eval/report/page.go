// Package report writes measurements as one HTML page that needs nothing else: styles and
// pictures are inside it, nothing is loaded, and no script runs. It is for people who decide
// which model to use; programs read the JSON of package eval.
package report

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"math"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/eval"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/tune"
)

// Page is what to report. It shows what is given and leaves out the rest: a page of a search
// needs no Samples, one of a single model no Comparison.
type Page struct {
	Title, Lead string
	// Facts are names and values for the head of the page: data, split, program.
	Facts []Fact
	// Metric is the one that models are ordered by, such as "ndcg@10".
	Metric string
	// Models were measured on the same users with the same options; at least one. Popularity is
	// in every result, and among them only where it is the best or has other figures there.
	Models []Model
	// Differences are paired: by how much the best of Models is better, by the other's name.
	Differences map[string]eval.Difference
	Samples     []Sample
	Search      *Search
}

// Fact is a line of the page's head.
type Fact struct{ Name, Value string }

// Model is one measured model.
type Model struct {
	// Name tells the models apart.
	Name   string
	Params json.RawMessage
	// FitSeconds is how long the fit took; 0 leaves it out.
	FitSeconds float64
	Result     *eval.Result
	// Loss is the training objective by epoch, in the model's own units; empty for models that
	// report none.
	Loss []Curve
}

// Curve is a measure by step, from step 1.
type Curve struct {
	Name   string
	Values []float64
}

// Sample is what some user was recommended by each of Models.
type Sample struct {
	// User is shown as it is: whoever shares the page gives pseudonyms.
	User    string
	Segment string
	// History is what is shown of the user's items, Had their number.
	History []recsys.Item
	Had     int
	// HeldOut is what is shown of what the user bought next, Bought the number of such items,
	// those that are not in the catalogue among them.
	HeldOut []recsys.Item
	Bought  int
	Lists   []Ranking
}

// Ranking is the list of one model.
type Ranking struct {
	Model string
	Items []Ranked
}

// Ranked is an item of a list; a hit was held out.
type Ranked struct {
	recsys.Item
	Score float32
	Hit   bool
}

// Search is a search of hyper-parameters.
type Search struct {
	// Best says in words what won.
	Best   string
	Params json.RawMessage
	// Test is what the winner reached where no trial looked; nil without such a part.
	Test    *eval.Result
	Studies []Study
}

// Study is the search of one kind.
type Study struct {
	Kind  string
	Space []model.Param
	// Trials by number, the first with the defaults.
	Trials []tune.Trial
	// Baseline is what popularity reaches; NaN when unknown.
	Baseline float64
}

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"number":   number,
	"signed":   signed,
	"percent":  percent,
	"count":    Count,
	"interval": interval,
	"indented": indented,
	"add":      func(a, b int) int { return a + b },
}).Parse(pageText))

// Write writes the page. The same Page gives the same bytes.
func Write(w io.Writer, p *Page) error {
	if err := p.check(); err != nil {
		return err
	}
	v, err := p.view()
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	var b bytes.Buffer
	if err := page.Execute(&b, v); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	_, err = w.Write(b.Bytes())
	return err
}

func (p *Page) check() error {
	if len(p.Models) == 0 {
		return fmt.Errorf("%w: a report needs at least one model", recsys.ErrInvalidData)
	}
	var errs []error
	names := make(map[string]bool)
	for _, m := range p.Models {
		if m.Name == "" || names[m.Name] {
			errs = append(errs, fmt.Errorf("%w: two models of a report are called %q", recsys.ErrInvalidData, m.Name))
		}
		names[m.Name] = true
		if m.Result == nil {
			errs = append(errs, fmt.Errorf("%w: the model %s of a report was not measured", recsys.ErrInvalidData, m.Name))
		} else if _, ok := m.Result.Metrics[p.Metric]; !ok {
			errs = append(errs, fmt.Errorf("%w: the metric %q of a report was not measured for %s", recsys.ErrInvalidConfig, p.Metric, m.Name))
		}
	}
	return errors.Join(errs...)
}

// number is a metric for people: four digits behind the point.
func number(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "–"
	}
	return fmt.Sprintf("%.4f", v)
}

func signed(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "–"
	}
	return fmt.Sprintf("%+.4f", v)
}

func percent(v float64) string {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return "–"
	case v != 0 && math.Abs(v) < 0.1:
		return fmt.Sprintf("%.1f %%", 100*v)
	}
	return fmt.Sprintf("%.0f %%", 100*v)
}

// Count is a number for people, its digits grouped by thin spaces.
func Count(n int) string {
	s := fmt.Sprint(n)
	for at := len(s) - 3; at > 0 && s[at-1] != '-'; at -= 3 {
		s = s[:at] + "\u202f" + s[at:]
	}
	return s
}

func interval(i eval.Interval) string { return number(i[0]) + " … " + number(i[1]) }

// indented is JSON for people; what is no JSON is shown as it is.
func indented(text json.RawMessage) string {
	var b bytes.Buffer
	if json.Indent(&b, text, "", "  ") != nil {
		return string(text)
	}
	return b.String()
}
