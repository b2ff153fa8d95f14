// Package modeltest is the conformance suite for algorithms: the laws that a model.Kind must
// keep so that everything above it (engine, artifacts, worker, search) can rely on it. An
// algorithm's tests call [Run] once; each law is a subtest.
package modeltest

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
)

// Options fits the suite to a kind.
type Options struct {
	// Params are hyper-parameters for a fit that is quick (well under a second on 50 × 50)
	// and still learns the checkerboard. Nil takes the defaults.
	Params json.RawMessage
	// Size is the number of users and of items of the checkerboard, even; 0 means 50.
	Size int
	// KnownFloor, FoldInFloor and SessionFloor are the shares of users whose held-out item
	// must rank first among the unseen ones: for known users, for the same histories without
	// a user, and for the bare sequence or bare items of the history. 0 means 1, everybody.
	KnownFloor, FoldInFloor, SessionFloor float64
	// SimilarFloor is the share of items whose five most similar ones must be of their own
	// colour; 0 means 1.
	SimilarFloor float64
	// NewFloor is the share of users for whom an added item must beat every item of the other
	// colour when users of their colour had it; 0 means 1.
	NewFloor float64
	// Skip maps the names of laws that this kind cannot keep ("checkerboard/known") to the
	// reason. A name that is no law fails the suite.
	Skip map[string]string
}

// A law is one property, checked on a fixture.
type law struct {
	name  string
	check func(t rapid.TB, f *fixture)
}

func laws() []law {
	return slices.Concat(
		checkerboardLaws(),
		rankingLaws(),
		abilityLaws(),
		newItemLaws(),
		partialLaws(),
		reproducibleLaws(),
		storedLaws(),
		damageLaws(),
		cancelLaws(),
		dataLaws(),
		paramLaws(),
		concurrentLaws(),
	)
}

// Run checks every law on kind, each in a subtest. Laws of optional abilities (VectorModel,
// SimilarItems, ItemAdder, Explainer) are skipped for models without them.
func Run(t *testing.T, kind model.Kind, o Options) {
	t.Helper()
	f := newFixture(kind, o)
	all := laws()
	for name := range o.Skip {
		require.True(t, slices.ContainsFunc(all, func(l law) bool { return l.name == name }),
			"Options.Skip names %q, which is no law of this suite", name)
	}
	for _, l := range all {
		t.Run(l.name, func(t *testing.T) {
			if why, skip := o.Skip[l.name]; skip {
				t.Skipf("does not hold for %s: %s", kind.Name, why)
			}
			l.check(t, f)
		})
	}
}

// fixture is the kind under test and what several laws share.
type fixture struct {
	kind model.Kind
	o    Options

	once sync.Once
	toy  board
	m    model.Model // fitted on toy, never changed
	err  error
}

func newFixture(kind model.Kind, o Options) *fixture {
	if o.Size == 0 {
		o.Size = 50
	}
	for _, floor := range []*float64{&o.KnownFloor, &o.FoldInFloor, &o.SessionFloor, &o.SimilarFloor, &o.NewFloor} {
		if *floor == 0 {
			*floor = 1
		}
	}
	return &fixture{kind: kind, o: o, toy: newBoard(o.Size, kind.Needs)}
}

// fresh returns an unfitted model.
func (f *fixture) fresh(t rapid.TB, run recsys.Run) model.Model {
	t.Helper()
	m, err := f.kind.New(f.o.Params, run)
	require.NoError(t, err)
	return m
}

// fitted returns a model fitted on d that the law may change.
func (f *fixture) fitted(t rapid.TB, d *recsys.Dataset, run recsys.Run) model.Model {
	t.Helper()
	m := f.fresh(t, run)
	require.NoError(t, m.Fit(context.Background(), d))
	return m
}

// shared returns the one model fitted on the checkerboard, which laws only read.
func (f *fixture) shared(t rapid.TB) model.Model {
	t.Helper()
	f.once.Do(func() {
		if f.m, f.err = f.kind.New(f.o.Params, recsys.Run{}); f.err == nil {
			f.err = f.m.Fit(context.Background(), f.toy.Dataset)
		}
	})
	require.NoError(t, f.err)
	return f.m
}

// scores returns the scores of q over the whole catalogue.
func scores(t rapid.TB, m recsys.Model, q recsys.Query) []float32 {
	t.Helper()
	_, items := m.Shape()
	dst := make([]float32, items)
	require.NoError(t, m.Scores(context.Background(), q, dst))
	return dst
}

// requireNumbers: a score is a number or, for an item that cannot be recommended, −Inf.
func requireNumbers(t rapid.TB, s []float32, format string, args ...any) {
	t.Helper()
	for i, v := range s {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 1) {
			require.Fail(t, "a score that is no number", "item %d scores %v: %s", i, v, fmt.Sprintf(format, args...))
		}
	}
}
