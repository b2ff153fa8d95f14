// Package par runs loops on several goroutines in chunks that do not depend on their number,
// so that a result assembled chunk by chunk is the same for any number of workers.
package par

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// Workers resolves a setting: values below 1 mean one worker per available CPU.
func Workers(n int) int {
	if n < 1 {
		return runtime.GOMAXPROCS(0)
	}
	return n
}

// Chunks calls body(worker, lo, hi) for each chunk [lo, hi) of [0, n), chunk long (the last
// one may be shorter). A worker index below Workers(workers) belongs to one goroutine at a
// time, for scratch memory. The first error, or the context's, stops the loop: no new chunk
// starts, and it is returned after those under way have ended.
func Chunks(ctx context.Context, n, chunk, workers int, body func(worker, lo, hi int) error) error {
	chunk = max(chunk, 1)
	chunks := (n + chunk - 1) / chunk
	workers = min(Workers(workers), chunks)
	var next atomic.Int64
	var failed atomic.Pointer[error]
	work := func(worker int) {
		for failed.Load() == nil {
			if err := ctx.Err(); err != nil {
				failed.CompareAndSwap(nil, &err)
				return
			}
			c := int(next.Add(1)) - 1
			if c >= chunks {
				return
			}
			if err := body(worker, c*chunk, min((c+1)*chunk, n)); err != nil {
				failed.CompareAndSwap(nil, &err)
				return
			}
		}
	}
	var wg sync.WaitGroup
	for w := 1; w < workers; w++ {
		wg.Go(func() { work(w) })
	}
	work(0)
	wg.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}

// Do calls body(i) for each i in [0, n), one chunk each.
func Do(n, workers int, body func(i int)) {
	// Neither the background context nor the body can fail.
	_ = Chunks(context.Background(), n, 1, workers, func(_, lo, _ int) error {
		body(lo)
		return nil
	})
}
