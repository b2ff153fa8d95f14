package tune

import "github.com/recsys-lite/recsys/internal/rng"

func newStream(seed uint64, n int) *rng.Rand { return rng.New(seed, uint64(n)) }
