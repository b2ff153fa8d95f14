package report

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"io"
	"math"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/eval"
	"github.com/recsys-lite/recsys/internal/rng"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/tune"
)

// noisy scores items at random, higher where they were held out.
type noisy struct {
	split *eval.Split
	seed  uint64
	skill float32
}

func (n noisy) Shape() (users, items int) {
	x := n.split.Train.Interactions
	return x.Rows, x.Cols
}

func (n noisy) Scores(_ context.Context, q recsys.Query, dst []float32) error {
	rng.New(n.seed, uint64(q.User)).Fill(dst, 1)
	held, _ := n.split.Test.Row(int(q.User))
	for _, i := range held {
		dst[i] += n.skill
	}
	return nil
}

func split(t testing.TB) *eval.Split {
	t.Helper()
	var train, test []recsys.Entry
	const users, items = 120, 80
	for u := range int32(users) {
		r := rng.New(1, uint64(u))
		for i := range int32(items) {
			if r.Intn(3+int(i)) == 0 {
				train = append(train, recsys.Entry{Row: u, Col: i, Value: 1})
			} else if r.Intn(20) == 0 {
				test = append(test, recsys.Entry{Row: u, Col: i, Value: 1})
			}
		}
	}
	x, err := recsys.NewCSR(users, items, train)
	require.NoError(t, err)
	y, err := recsys.NewCSR(users, items, test)
	require.NoError(t, err)
	return &eval.Split{Name: "by hand", Train: &recsys.Dataset{Interactions: x}, Test: y}
}

// full is a page with everything, and names that must be escaped.
func full(t testing.TB) *Page {
	t.Helper()
	ctx := context.Background()
	s := split(t)
	p := &Page{
		Title: "Models <compared>", Lead: "A & B", Facts: []Fact{{"Database", "<script>alert(1)</script>.db"}}, Metric: "ndcg@10",
		Differences: map[string]eval.Difference{},
	}
	for n, name := range []string{"weak", "strong", `"><img src=x onerror=alert(1)>`} {
		r, err := eval.Run(ctx, noisy{s, uint64(n), float32(n)}, s, eval.Options{Detail: true, Bootstrap: 50})
		require.NoError(t, err)
		p.Models = append(p.Models, Model{Name: name, Params: json.RawMessage(`{"factors":8}`), FitSeconds: 1.5, Result: r,
			Loss: []Curve{{"fit", []float64{3, math.NaN(), 2, 1.5}}, {"validate", []float64{.1, .2}}}})
	}
	d, err := eval.Compare(ctx, p.Models[2].Result, p.Models[0].Result, 50, 1)
	require.NoError(t, err)
	p.Differences["weak"] = d["ndcg@10"]
	p.Samples = []Sample{{User: "User 1", Segment: "new", Had: 3, Bought: 2, History: []recsys.Item{{ID: "i1", Title: "</h3><script>alert(2)</script>"}},
		HeldOut: []recsys.Item{{ID: "i7"}}, Lists: []Ranking{{Model: "weak", Items: []Ranked{{Item: recsys.Item{ID: "i7", Title: "Tea & pot"}, Hit: true}, {Item: recsys.Item{ID: "i9"}}}}}}}
	p.Search = &Search{Best: "strong, trial 3", Params: json.RawMessage(`{"factors":8}`), Test: p.Models[0].Result, Studies: []Study{study(t)}}
	return p
}

func study(t testing.TB) Study {
	t.Helper()
	space := []model.Param{{Name: "factors", Low: 16, High: 256, Log: true, Int: true}, {Name: "rate", Low: 0, High: 1},
		{Name: "loss", Choices: []json.RawMessage{json.RawMessage(`"warp"`), json.RawMessage(`"bpr"`)}}}
	s, err := tune.New(tune.Options{Space: space, Seed: 1})
	require.NoError(t, err)
	require.NoError(t, s.Run(context.Background(), 20, func(_ context.Context, params json.RawMessage, _ int) (tune.Outcome, error) {
		v := struct {
			Factors, Rate float64
			Loss          string
		}{64, .5, "warp"}
		if err := json.Unmarshal(params, &v); err != nil {
			return tune.Outcome{}, err
		}
		if v.Factors > 240 {
			return tune.Outcome{}, io.ErrUnexpectedEOF
		}
		complete, err := json.Marshal(map[string]any{"factors": v.Factors, "rate": v.Rate, "loss": v.Loss})
		return tune.Outcome{Value: 1 - (v.Rate-.4)*(v.Rate-.4), Params: complete}, err
	}, nil))
	return Study{Kind: "strong", Space: space, Trials: s.Trials(), Baseline: .2}
}

func written(t testing.TB, p *Page) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, Write(&b, p))
	return b.String()
}

func TestPage(t *testing.T) {
	p := full(t)
	text := written(t, p)
	if path := os.Getenv("RECSYS_REPORT"); path != "" { // to look at it
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	for _, want := range []string{
		`id="search"`, `id="comparison"`, `id="metrics"`, `id="users"`, `id="items"`, `id="bias"`, `id="learning"`, `id="samples"`, `id="how"`,
		"Models &lt;compared&gt;", "Tea &amp; pot", "and 2 more", "All 20 trials", "What the differences go with", "adjusted R²",
	} {
		require.Contains(t, text, want)
	}
	require.Equal(t, text, written(t, p), "the same page, the same bytes")
	require.Less(t, strings.Index(text, `src=x onerror`), strings.LastIndex(text, "strong"), "the best model comes first")
}

// What comes from outside can neither run nor load.
func TestPageIsInert(t *testing.T) {
	text := written(t, full(t))
	for _, never := range []string{"<script", "<img", "http:", "https:", "url(", "@import", "<link", "<iframe", "javascript:"} {
		require.NotContains(t, strings.ToLower(text), never)
	}
	require.Contains(t, text, `default-src 'none'`)
}

// Every picture is well-formed, has words for who cannot see it, and has no colour that a dark
// page could not change.
func TestPictures(t *testing.T) {
	pictures := regexp.MustCompile(`(?s)<svg .*?</svg>`).FindAllString(written(t, full(t)), -1)
	require.GreaterOrEqual(t, len(pictures), 12)
	for _, svg := range pictures {
		for dec := xml.NewDecoder(strings.NewReader(svg)); ; {
			_, err := dec.Token()
			if err == io.EOF {
				break
			}
			require.NoError(t, err, svg)
		}
		require.Regexp(t, `aria-label="[^"]{10,}"`, svg)
		require.NotRegexp(t, `#[0-9A-Fa-f]{6}`, svg)
		require.NotContains(t, svg, "NaN")
	}
}

// Less is fine too: one model, without details, intervals, losses or a search.
func TestSmallPage(t *testing.T) {
	s := split(t)
	r, err := eval.Run(context.Background(), noisy{s, 1, 1}, s, eval.Options{Ks: []int{5}, Bootstrap: -1})
	require.NoError(t, err)
	text := written(t, &Page{Title: "One", Metric: "ndcg@5", Models: []Model{{Name: "one", Result: r}}})
	for _, absent := range []string{`id="search"`, `id="comparison"`, `id="users"`, `id="learning"`, `id="samples"`} {
		require.NotContains(t, text, absent)
	}
	require.Contains(t, text, "recall@5")

	// Nothing is found at all, and a search has no success.
	r, err = eval.Run(context.Background(), noisy{s, 1, float32(math.Inf(-1))}, s, eval.Options{Ks: []int{1}, Detail: true, Bootstrap: 5})
	require.NoError(t, err)
	written(t, &Page{Title: "None", Metric: "ndcg@1", Models: []Model{{Name: "a", Result: r}, {Name: "b", Result: r, Loss: []Curve{{"fit", []float64{1}}}}},
		Search: &Search{Studies: []Study{{Kind: "a", Space: []model.Param{{Name: "x", Low: 0, High: 1}}, Baseline: math.NaN(),
			Trials: []tune.Trial{{State: tune.Failed, Params: json.RawMessage(`{"x":0.1}`), Error: "no"}}}}}})
}

// sessions are the held-out items of each user of split, one after the other.
func sessions(s *eval.Split) *eval.Split {
	out := &eval.Split{Name: "sessions", Train: s.Train, Sessions: &recsys.Sequences{Indptr: []int64{0}}}
	for u := range s.Test.Rows {
		items, _ := s.Test.Row(u)
		for at, i := range items {
			out.Sessions.Items, out.Sessions.Times = append(out.Sessions.Items, i), append(out.Sessions.Times, int64(at))
		}
		out.Sessions.Indptr = append(out.Sessions.Indptr, int64(len(out.Sessions.Items)))
	}
	return out
}

// seasoned scores items by their number, and the last one of the session a little.
type seasoned struct{ noisy }

func (s seasoned) Scores(_ context.Context, q recsys.Query, dst []float32) error {
	rng.New(s.seed, uint64(len(q.History.Sequence))).Fill(dst, 1)
	for _, i := range q.History.Items {
		dst[min(int(i)+1, len(dst)-1)] += s.skill
	}
	return nil
}

// Session models have segments of their own.
func TestSessionPage(t *testing.T) {
	s := sessions(split(t))
	p := &Page{Title: "Sessions", Metric: "mrr@10"}
	for n, name := range []string{"one", "two"} {
		r, err := eval.NextItem(context.Background(), seasoned{noisy{s, uint64(n), float32(n)}}, s, eval.NextItemOptions{Detail: true, Bootstrap: 20})
		require.NoError(t, err)
		p.Models = append(p.Models, Model{Name: name, Result: r})
	}
	text := written(t, p)
	for _, want := range []string{`id="sessions"`, `id="targets"`, "medium", "head", "intervals over sessions", "mrr@10 by the length of the session"} {
		require.Contains(t, text, want)
	}
	for _, absent := range []string{`id="users"`, `id="items"`, `id="bias"`, "Gini", "users."} {
		require.NotContains(t, text, absent)
	}
}

// Popularity is not shown twice.
func TestPopularityIsTheBaseline(t *testing.T) {
	p := full(t)
	same := *p.Models[0].Result
	same.Metrics = same.Baseline
	p.Models = append(p.Models, Model{Name: "popularity", Result: &same})
	v, err := p.view()
	require.NoError(t, err)
	require.Len(t, v.Compared, 3)
	require.Len(t, p.Models, 4, "the page is left as it was")
	require.Equal(t, "popularity", p.Models[3].Name)
}

func TestPageRefuses(t *testing.T) {
	s := split(t)
	r, err := eval.Run(context.Background(), noisy{s, 1, 1}, s, eval.Options{Bootstrap: -1})
	require.NoError(t, err)
	require.ErrorIs(t, Write(io.Discard, &Page{}), recsys.ErrInvalidData)
	err = Write(io.Discard, &Page{Metric: "auc@10", Models: []Model{{Name: "a", Result: r}, {Name: "a"}}})
	require.ErrorContains(t, err, `"auc@10"`)
	require.ErrorContains(t, err, `called "a"`)
	require.ErrorContains(t, err, "not measured")
}

func TestImportance(t *testing.T) {
	s := study(t)
	all := importances(s.Space, s.Trials)
	require.Equal(t, "rate", all[0].Name)
	require.InDelta(t, 1, all[0].Share, 1e-9, "the value is a parabola of it")
	require.Less(t, all[2].Share, 0.6)
	require.Nil(t, importances(s.Space, s.Trials[:6]), "too few to say")
	require.Zero(t, explained([]float64{1, 1, 1, 1}, []float64{1, 2, 3, 4}, false), "a constant explains nothing")
	require.InDelta(t, 1, explained([]float64{0, 0, 1, 1}, []float64{1, 1, 3, 3}, true), 1e-12)
}

func TestNumbers(t *testing.T) {
	require.Equal(t, "0.1235", number(.12346))
	require.Equal(t, "–", number(math.NaN()))
	require.Equal(t, "-0.0100", signed(-.01))
	require.Equal(t, "1\u202f234\u202f567", Count(1234567))
	require.Equal(t, "-123", Count(-123))
	require.Equal(t, "4.4 %", percent(.044))
	require.Equal(t, "45 %", percent(.449))
}
