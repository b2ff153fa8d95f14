//go:build faiss

package faiss

/*
#cgo CFLAGS: -fopenmp
#cgo LDFLAGS: -fopenmp
#include <omp.h>
*/
import "C"

import (
	"fmt"
	"math"
	"runtime"

	"github.com/DataIntelligenceCrew/go-faiss"
)

// library is a Faiss index that only ever grows, with the calls that go-faiss lets go wrong
// made right: no call with nothing in it (it panics), none with a length that is no multiple
// of dim (it is cut silently), and parameters set before anybody searches (they are shared).
// Rows are numbered as they come: AddWithIDs and RemoveIDs, which not all kinds have and
// which read past the slice of ids, are not used.
type library struct {
	dim, threads int
	idx          *faiss.IndexImpl
	rows         int
	// trained is the number of vectors that the first call gave.
	trained int
	// lists is the number of clusters, 0 if there are none.
	lists int
}

// perList is the number of vectors per cluster below which Faiss prints warnings.
const perList = 39

// on calls f on a thread that OpenMP gives a fixed number of threads to. Without it every
// call starts one per CPU, unless OMP_NUM_THREADS was set before the program started. The
// setting belongs to the thread, as do Faiss's error texts.
func on(threads int, f func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	C.omp_set_num_threads(C.int(threads))
	return f()
}

// newLibrary returns an index with the given vectors, at least one.
func newLibrary(dim int, o Options, vectors []float32) (*library, error) {
	n := len(vectors) / dim
	l := &library{dim: dim, threads: o.Threads, trained: n}
	description := "Flat"
	switch {
	case o.Kind == IVF && n >= perList:
		l.lists = o.Lists
		if l.lists == 0 {
			l.lists = int(2 * math.Sqrt(float64(n)))
		}
		l.lists = min(l.lists, n/perList)
		description = fmt.Sprintf("IVF%d,Flat", l.lists)
	case o.Kind == HNSW:
		description = fmt.Sprintf("HNSW%d,Flat", o.Links)
	}
	err := on(l.threads, func() (err error) {
		if l.idx, err = faiss.IndexFactory(dim, description, faiss.MetricInnerProduct); err != nil {
			return err
		}
		if !l.idx.IsTrained() {
			return l.idx.Train(vectors)
		}
		return nil
	})
	if err == nil {
		err = l.add(vectors)
	}
	if err == nil {
		err = l.set(o)
	}
	if err != nil {
		l.free()
		return nil, fmt.Errorf("faiss: %s: %w", description, err)
	}
	return l, nil
}

func (l *library) add(vectors []float32) error {
	if len(vectors) == 0 {
		return nil
	}
	if err := on(l.threads, func() error { return l.idx.Add(vectors) }); err != nil {
		return fmt.Errorf("faiss: add: %w", err)
	}
	l.rows += len(vectors) / l.dim
	return nil
}

// set tells the index how much to search. Searches read what it writes: none may run.
func (l *library) set(o Options) error {
	parameter, value := "efSearch", o.Ef
	switch {
	case l.lists > 0:
		if parameter, value = "nprobe", min(o.Probe, l.lists); value == 0 {
			value = (l.lists + 3) / 4
		}
	case o.Kind != HNSW:
		return nil
	}
	return on(l.threads, func() error {
		space, err := faiss.NewParameterSpace()
		if err != nil {
			return err
		}
		defer space.Delete()
		return space.SetIndexParameter(l.idx, parameter, float64(value))
	})
}

// search returns up to k rows, fewer where Faiss finds fewer and fills up with −1.
func (l *library) search(query []float32, k int) (scores []float32, rows []int64, err error) {
	if k = min(k, l.rows); k == 0 {
		return nil, nil, nil
	}
	err = on(l.threads, func() error {
		scores, rows, err = l.idx.Search(query, int64(k))
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("faiss: search: %w", err)
	}
	n := 0
	for i, row := range rows {
		if row >= 0 && row < int64(l.rows) {
			scores[n], rows[n] = scores[i], row
			n++
		}
	}
	return scores[:n], rows[:n], nil
}

// free gives the memory back, which no garbage collector does. It may be called again.
func (l *library) free() {
	if l.idx != nil {
		l.idx.Delete()
		l.idx = nil
	}
}
