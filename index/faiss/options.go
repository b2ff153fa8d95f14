//go:build faiss

package faiss

import (
	"errors"
	"fmt"

	"github.com/recsys-lite/recsys"
)

// The kinds of Faiss index.
const (
	Flat = "flat"
	IVF  = "ivf"
	HNSW = "hnsw"
)

// Options says what index to build. Only Kind is needed.
type Options struct {
	// Kind is Flat, IVF or HNSW.
	Kind string
	// Lists is the number of clusters of an IVF, 0 means 2·√n, and Probe that of those which
	// a query scans, 0 means a quarter of them. There are never more lists than one per 39
	// vectors, below which Faiss complains; with fewer vectors than that it is Flat.
	Lists, Probe int
	// Links is M of an HNSW, 0 means 32; EfConstruction is always Faiss's 40. Ef is the number
	// of candidates of a query, 0 means 128.
	Links, Ef int
	// Threads is the number of OpenMP threads of each call into Faiss; 0 means 1, which is
	// best where several queries come at a time and makes the build reproducible.
	Threads int
}

const maxSetting = 1 << 16

func (o Options) withDefaults() (Options, error) {
	var faults []error
	switch o.Kind {
	case Flat, IVF, HNSW:
	default:
		faults = append(faults, fmt.Errorf("%w: faiss: kind %q, the kinds are %q, %q and %q", recsys.ErrInvalidConfig, o.Kind, Flat, IVF, HNSW))
	}
	for _, s := range []struct {
		name, kind string
		value      *int
		byDefault  int
	}{
		{"Lists", IVF, &o.Lists, 0},
		{"Probe", IVF, &o.Probe, 0},
		{"Links", HNSW, &o.Links, 32},
		{"Ef", HNSW, &o.Ef, 128},
		{"Threads", o.Kind, &o.Threads, 1},
	} {
		switch {
		case *s.value < 0 || *s.value > maxSetting:
			faults = append(faults, fmt.Errorf("%w: faiss: %s = %d, it must lie between 1 and %d, or be 0 for the default", recsys.ErrInvalidConfig, s.name, *s.value, maxSetting))
		case *s.value > 0 && s.kind != o.Kind:
			faults = append(faults, fmt.Errorf("%w: faiss: %s = %d is a setting of kind %q, this is %q: leave it 0", recsys.ErrInvalidConfig, s.name, *s.value, s.kind, o.Kind))
		case *s.value == 0 && s.kind == o.Kind:
			*s.value = s.byDefault
		}
	}
	return o, errors.Join(faults...)
}
