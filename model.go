package recsys

import (
	"context"
	"log/slog"
)

// Model is a recommender over dense indices. Recommend, Scores and the optional abilities
// are safe for concurrent use, also while Fit or PartialFitUsers runs: those build new
// parameters and swap them in at the end, so that an error or a cancel leaves the model as
// it was.
type Model interface {
	Fitter
	UserFitter
	Scorer
	Recommender
	// Shape is the number of users and items the model knows; 0, 0 before it is fitted.
	Shape() (users, items int)
}

// Fitter learns from scratch.
type Fitter interface {
	// Fit replaces the model by one fitted on d. The same data, configuration and seed give
	// the same parameters for any number of workers, on one kind of processor. It tells
	// Run.Report of every step, and returns soon when ctx ends. The error wraps
	// ErrEmptyDataset or ErrInvalidData where d is unfit (Dataset.Validate).
	Fit(ctx context.Context, d *Dataset) error
}

// UserFitter brings users up to date between fits.
type UserFitter interface {
	// PartialFitUsers refits users by the solver that Fit uses, items unchanged. Row i of
	// rows is the whole current interaction row of users[i]; its columns are the model's
	// items. Users at or beyond the model's number are added, and must leave no gap. A model
	// that keeps nothing per user checks its arguments (CheckUserRows) and notes only the new
	// number. When ctx has ended nothing changes.
	PartialFitUsers(ctx context.Context, users []int32, rows *CSR) error
}

// Scorer scores the whole catalogue.
type Scorer interface {
	// Scores writes the score of every item to dst, one per item; a dst of another length, and a
	// query that Query.Validate refuses, give an error that wraps ErrInvalidQuery. −Inf marks an
	// item that the model cannot recommend.
	Scores(ctx context.Context, q Query, dst []float32) error
}

// Recommender ranks.
type Recommender interface {
	// Recommend returns the q.K best allowed items, best first, equal scores by the lower
	// index; fewer only when fewer can be recommended.
	Recommend(ctx context.Context, q Query) ([]Scored, error)
}

// VectorModel is a model whose scores are inner products, so that an Index can serve it.
// A bias travels as a further dimension.
type VectorModel interface {
	Model
	// ItemVectors is the items × dim matrix; do not change it.
	ItemVectors() Matrix
	// QueryVector writes the vector v to dst (length dim) for which Scores are ItemVectors·v.
	QueryVector(ctx context.Context, q Query, dst []float32) error
}

// SimilarItems finds items like a given one.
type SimilarItems interface {
	// SimilarItems returns the k allowed items most similar to item, which is not among them;
	// fewer, rather than such that have nothing in common with it.
	SimilarItems(ctx context.Context, item int32, k int, allowed *Bitset) ([]Scored, error)
}

// ItemAdder takes in items that came up after the fit.
type ItemAdder interface {
	// AddItems appends items behind the known ones, so that they can be recommended before
	// the next fit.
	AddItems(ctx context.Context, items NewItems) error
}

// NewItems describes items to add; any of the three may be nil.
type NewItems struct {
	Count int
	// Interactions is Count × users: who had which new item, with what weight.
	Interactions *CSR
	// Neighbours is Count × items (the known ones): how often known items came up in the
	// same users' histories.
	Neighbours *CSR
	// Features is Count × item features, as in the dataset the model was fitted on.
	Features *CSR
}

// Refitter is a model whose fit takes no longer than counting the events: an Updater fits it
// anew, on all histories.
type Refitter interface {
	Fitter
	// RefitsQuickly is never called.
	RefitsQuickly()
}

// Explainer says why an item was recommended.
type Explainer interface {
	// Explain splits the score of item into contributions of the history's items; with the
	// base (bias, prior) they sum to the score.
	Explain(ctx context.Context, q Query, item int32) (contributions []Scored, base float32, err error)
}

// Matrix is a dense row-major matrix.
type Matrix struct {
	Rows, Cols int
	Data       []float32 // Rows·Cols
}

// NewMatrix returns a zero matrix.
func NewMatrix(rows, cols int) Matrix {
	return Matrix{Rows: rows, Cols: cols, Data: make([]float32, rows*cols)}
}

// Row returns row i as a slice into m.
func (m Matrix) Row(i int) []float32 {
	lo, hi := i*m.Cols, (i+1)*m.Cols
	return m.Data[lo:hi:hi]
}

// Run holds the settings of a computation that do not change its result. They stand in each
// model's configuration beside the hyper-parameters and are never stored.
type Run struct {
	// Workers is the number of goroutines; 0 means one per CPU.
	Workers int `json:"-"`
	// Progress, if set, is told of every finished step. It is called by one goroutine at a time.
	Progress func(Progress) `json:"-"`
	// Log, if set, receives what an operator should know of (a fallback, a clipped value).
	Log *slog.Logger `json:"-"`
}

// Progress is how far a computation is.
type Progress struct {
	Stage       string // "fit", "load", …
	Done, Total int
	// Loss is the training objective after the step, in the model's own units; NaN when it
	// is not computed.
	Loss float64
}

// Report tells the hook, if there is one.
func (r Run) Report(p Progress) {
	if r.Progress != nil {
		r.Progress(p)
	}
}
