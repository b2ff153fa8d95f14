package index

import (
	"errors"
	"fmt"
	"math"

	"github.com/recsys-lite/recsys"
)

// The kinds of index.
const (
	KindExact = "exact"
	KindIVF   = "ivf"
	KindHNSW  = "hnsw"
)

// Options says how to build an index. The zero value is a good choice.
type Options struct {
	// Run holds the workers of the build, and of later calls of Add.
	recsys.Run
	// Seed steers what is drawn: first centroids, levels, sample queries.
	Seed uint64
	// Recall is the recall@10 that an approximate index sets itself up for, in (0, 1]; 0
	// means 0.995, and 0.999 without Queries, since what stands in for them may be easier than
	// what comes. It is measured at the end of the build, and not at all where Probe or Ef
	// says how much to search.
	Recall float64
	// Queries is a sample of the queries to come, such as some hundred user vectors. It is
	// worth giving: the index then searches no more than these need. Without it sums of one to
	// three random vectors stand in, users whose tastes have nothing in common.
	Queries recsys.Matrix
	// Lists is the number of clusters of an ivf; 0 means 2·√n. Never more than vectors.
	Lists int
	// Links is the number of links of a node of an hnsw per level, twice as many on the lowest;
	// 0 means 16.
	Links int
	// EfConstruction is the number of candidates from which an hnsw picks a node's links; 0
	// means 100.
	EfConstruction int
	// Search holds what can also be chosen for an index that was opened.
	Search Search
}

// Search says how an index answers queries.
type Search struct {
	// Probe is the number of lists of an ivf that a query scans; 0 keeps what the build found.
	Probe int
	// Ef is the number of candidates that a query to an hnsw keeps in sight; 0 keeps what the
	// build found. At least k are kept.
	Ef int
	// Threads is the number of goroutines that share one query to an exact or ivf index; 0
	// means 1, which is best where several queries come at a time.
	Threads int
}

// maxSetting bounds all counts that are options.
const maxSetting = 1 << 20

// validate reports all faults of o for an index of the kind.
func (o *Options) validate(kind string, dim int) error {
	var faults []error
	fault := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("%w: index: "+format, append([]any{recsys.ErrInvalidConfig}, args...)...))
	}
	if math.IsNaN(o.Recall) || o.Recall < 0 || o.Recall > 1 {
		fault("Recall = %v, it must lie in (0, 1], or be 0 for the default", o.Recall)
	}
	for _, s := range []struct {
		name  string
		value int
		least int
		kind  string
	}{
		{"Lists", o.Lists, 1, KindIVF},
		{"Links", o.Links, 2, KindHNSW},
		{"EfConstruction", o.EfConstruction, 1, KindHNSW},
		{"Search.Probe", o.Search.Probe, 1, KindIVF},
		{"Search.Ef", o.Search.Ef, 1, KindHNSW},
	} {
		switch {
		case s.value == 0:
		case s.kind != kind:
			fault("%s = %d is a setting of kind %q, this is %q: leave it 0", s.name, s.value, s.kind, kind)
		case s.value < s.least || s.value > maxSetting:
			fault("%s = %d, it must lie between %d and %d, or be 0 for the default", s.name, s.value, s.least, maxSetting)
		}
	}
	if o.Links > maxLinks {
		fault("Links = %d, it must be at most %d", o.Links, maxLinks)
	}
	if kind == KindHNSW && o.Search.Threads > 1 {
		fault("Search.Threads = %d, but a walk through a graph is one thread's work: leave it 0", o.Search.Threads)
	}
	if q := o.Queries; q.Rows != 0 {
		switch {
		case kind == KindExact:
			fault("Queries are there to tune an approximate index, this is %q: leave them out", kind)
		case q.Cols != dim || q.Rows < 0 || len(q.Data) != q.Rows*q.Cols:
			fault("Queries of %d × %d with %d values beside vectors of length %d", q.Rows, q.Cols, len(q.Data), dim)
		default:
			if err := checkVectors("query", q.Data, dim); err != nil {
				fault("Queries: %v", err)
			}
		}
	}
	if err := o.Search.validate(); err != nil {
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

func (s Search) validate() error {
	for _, n := range []struct {
		name  string
		value int
	}{{"Probe", s.Probe}, {"Ef", s.Ef}, {"Threads", s.Threads}} {
		if n.value < 0 || n.value > maxSetting {
			return fmt.Errorf("%w: index: Search.%s = %d, it must lie between 1 and %d, or be 0 for the default", recsys.ErrInvalidConfig, n.name, n.value, maxSetting)
		}
	}
	return nil
}

func (o *Options) recall() float64 {
	switch {
	case o.Recall != 0:
		return o.Recall
	case o.Queries.Rows != 0:
		return 0.995
	}
	return 0.999
}
