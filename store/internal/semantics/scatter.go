package semantics

import (
	"runtime"
	"slices"
	"sort"
	"sync"
)

// scatter sorts in by key, which lies in [0, keys), into out: a counting sort, stable, in time
// proportional to the input. It returns where each key begins, and the end. The result does
// not depend on the number of workers: each writes the cells of its own range of keys, all of
// which it finds by reading the input once.
func scatter[T any](in, out []T, keys int, key func(T) int32) []int {
	begin := make([]int, keys+1)
	for _, c := range in {
		begin[key(c)+1]++
	}
	for k := range keys {
		begin[k+1] += begin[k]
	}
	next := slices.Clone(begin)
	ranges := split(begin)
	together(len(ranges)-1, func(w int) {
		lo, hi := int32(ranges[w]), int32(ranges[w+1])
		for _, c := range in {
			if k := key(c); k >= lo && k < hi {
				out[next[k]] = c
				next[k]++
			}
		}
	})
	return begin
}

const (
	// worthSharing is the number of cells that pays for a further goroutine.
	worthSharing = 1 << 16
	maxWorkers   = 8
)

// split cuts the keys whose cells begin at begin into ranges of about as many cells each, one
// per worker.
func split(begin []int) []int {
	keys := len(begin) - 1
	n := begin[keys]
	workers := max(1, min(runtime.GOMAXPROCS(0), maxWorkers, n/worthSharing))
	ranges := make([]int, workers+1)
	for w := 1; w < workers; w++ {
		ranges[w] = max(ranges[w-1], min(sort.SearchInts(begin, n*w/workers), keys))
	}
	ranges[workers] = keys
	return ranges
}

// together runs body(0) … body(n-1) at once.
func together(n int, body func(int)) {
	var wg sync.WaitGroup
	for i := 1; i < n; i++ {
		wg.Go(func() { body(i) })
	}
	body(0)
	wg.Wait()
}
