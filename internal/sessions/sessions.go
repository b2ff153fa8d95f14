// Package sessions cuts users' events into sessions at long pauses.
package sessions

import "github.com/recsys-lite/recsys"

// Session is a run of events of one user without a pause.
type Session struct {
	User  int32
	Items []int32 // in time order, repeats kept; shared with the sequences cut
	End   int64   // the time of the last event, in Unix seconds
}

// Cut divides each user's sequence wherever more than gap seconds lie between two events; a
// gap of 0 never cuts. Sessions come user by user, each user's oldest first.
func Cut(s *recsys.Sequences, gap int64) []Session {
	var out []Session
	for u := range s.Users() {
		items, times := s.Of(u)
		for lo := 0; lo < len(items); {
			hi := End(times, lo, gap)
			out = append(out, Session{User: int32(u), Items: items[lo:hi:hi], End: times[hi-1]})
			lo = hi
		}
	}
	return out
}

// End is the place behind the session that begins with event lo of a user, whose times are given.
func End(times []int64, lo int, gap int64) int {
	hi := lo + 1
	for hi < len(times) && !pause(times[hi-1], times[hi], gap) {
		hi++
	}
	return hi
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
