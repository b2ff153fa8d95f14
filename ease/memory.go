package ease

import (
	"errors"
	"fmt"
	"math"
	"runtime/debug"
	"runtime/metrics"
)

// ErrMemory holds for a fit that would allocate more than it may.
var ErrMemory = errors.New("not enough memory")

// budget returns how many bytes a fit may allocate and where that number comes from.
func budget(maxMemory int64) (bytes float64, source string) {
	if maxMemory > 0 {
		return float64(maxMemory), "max_memory"
	}
	bytes, source = machineFree()
	if limit := debug.SetMemoryLimit(-1); limit != math.MaxInt64 {
		if free := float64(limit) - inUse(); free < bytes {
			bytes, source = max(0, free), "GOMEMLIMIT"
		}
	}
	return 0.9 * bytes, "nine tenths of what " + source + " leaves free"
}

// inUse is the memory that the runtime counts against GOMEMLIMIT.
func inUse() float64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return float64(s[0].Value.Uint64()) - float64(s[1].Value.Uint64())
}

func gib(bytes float64) string {
	if bytes < 1<<29 {
		return fmt.Sprintf("%.1f MiB", bytes/(1<<20))
	}
	return fmt.Sprintf("%.1f GiB", bytes/(1<<30))
}

// unknownFree stands in where the system does not tell its free memory.
const (
	unknownFree   = 8 << 30
	unknownSource = "an assumed 8 GiB"
)
