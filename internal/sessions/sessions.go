// Package sessions cuts users' events into sessions at long pauses.
package sessions

import (
	"cmp"
	"slices"

	"github.com/recsys-lite/recsys"
)

// Session is a run of events of one user without a pause.
type Session struct {
	User  int32
	Items []int32 // in time order, repeats kept; shared with the sequences cut
	// Start and End are the times of the first and the last event, in Unix seconds.
	Start, End int64
}

// Cut divides each user's sequence wherever more than gap seconds lie between two events; a
// gap of 0 never cuts. Sessions come user by user, each user's oldest first.
func Cut(s *recsys.Sequences, gap int64) []Session {
	var out []Session
	for u := range s.Users() {
		items, times := s.Of(u)
		for lo := 0; lo < len(items); {
			hi := lo + 1
			for hi < len(items) && !pause(times[hi-1], times[hi], gap) {
				hi++
			}
			out = append(out, Session{User: int32(u), Items: items[lo:hi:hi], Start: times[lo], End: times[hi-1]})
			lo = hi
		}
	}
	return out
}

// ByStart orders sessions by their first event, oldest first; equal times keep their order.
func ByStart(s []Session) {
	slices.SortStableFunc(s, func(a, b Session) int { return cmp.Compare(a.Start, b.Start) })
}

// Last is the part of a history's sequence that follows its last pause of more than gap
// seconds: all of it where the times are unknown or gap is 0. times is nil where unknown.
func Last(h *recsys.History, gap int64) (items []int32, times []int64) {
	if h.Times == nil {
		return h.Sequence, nil
	}
	lo := len(h.Sequence)
	for lo > 0 && (lo == len(h.Sequence) || !pause(h.Times[lo-1], h.Times[lo], gap)) {
		lo--
	}
	return h.Sequence[lo:], h.Times[lo:]
}

func pause(before, after, gap int64) bool { return gap > 0 && after-before > gap }
