package httpapi

import (
	"math"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/maypok86/otter/v2"
	"golang.org/x/time/rate"
)

// limits hold back callers that ask too often: each key has a bucket of its own, and so has
// each address without a key.
type limits struct {
	perSecond rate.Limit
	burst     int
	buckets   *otter.Cache[string, *rate.Limiter]
}

// maxBuckets bounds the memory for addresses; the one that was used least makes room.
const maxBuckets = 10_000

func newLimits(o Options) *limits {
	l := &limits{perSecond: rate.Limit(o.RateLimit), burst: o.RateBurst}
	if o.RateLimit > 0 {
		l.buckets = otter.Must(&otter.Options[string, *rate.Limiter]{MaximumSize: maxBuckets})
	}
	return l
}

func (l *limits) close() {
	if l.buckets != nil {
		l.buckets.StopAllGoroutines()
	}
}

// limit takes one request from the caller's bucket.
func (x *exchange) limit() error {
	l := x.api.limits
	if l.buckets == nil {
		return nil
	}
	who := "key " + x.caller.name()
	if x.caller.key == nil {
		host, _, err := net.SplitHostPort(x.r.RemoteAddr)
		if err != nil {
			host = x.r.RemoteAddr
		}
		who = "address " + host
	}
	bucket, ok := l.buckets.GetIfPresent(who)
	if !ok {
		bucket, _ = l.buckets.SetIfAbsent(who, rate.NewLimiter(l.perSecond, l.burst))
	}
	now := time.Now()
	turn := bucket.ReserveN(now, 1)
	wait := turn.DelayFrom(now)
	if wait == 0 {
		return nil
	}
	turn.CancelAt(now)
	x.api.stats.limited.Add(1)
	return &problem{Status: http.StatusTooManyRequests,
		Detail: "more than " + strconv.FormatFloat(float64(l.perSecond), 'g', -1, 64) + " requests per second",
		header: http.Header{"Retry-After": {strconv.Itoa(int(math.Ceil(wait.Seconds())))}}}
}
