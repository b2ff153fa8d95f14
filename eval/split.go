package eval

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/rng"
)

// Split is a training part and what is to be predicted from it. The users and items are
// those of Train.
type Split struct {
	// Name says how the events were parted, for reports.
	Name string
	// Train has sequences. Its items are those with a positive training interaction and those
	// of Events.Catalogue.
	Train *recsys.Dataset
	// Test has a row for every user of Train: the distinct items held out. Values are ignored.
	Test *recsys.CSR
	// Unknown is, per user, the number of distinct held-out items that are not in Train: a
	// model cannot find them, and they count as missed. Nil means none.
	Unknown []int32
	// NewUsers is the number of users with held-out items and no training interaction. Run
	// leaves them out.
	NewUsers int
	// Sessions holds the test events of every test user, known or new, in the order in which
	// the users come up in the test part; an item of −1 is not in Train. It is what NextItem
	// predicts.
	Sessions *recsys.Sequences
}

// ByTime trains on the events strictly before the cut and tests on the others.
func ByTime(e *Events, cut time.Time) (*Split, error) {
	test := make([]bool, e.Len())
	for i, t := range e.Time {
		test[i] = t >= cut.Unix()
	}
	return e.part(test, "time, train before "+cut.UTC().Format(time.RFC3339))
}

// TimeCut returns the latest cut that leaves at least the given share of the events, above 0
// and below 1, to the test part. Events of the very time of the cut are tested on, so that
// the share is larger where many events share a time.
func TimeCut(e *Events, testShare float64) (time.Time, error) {
	if err := checkShare(testShare); err != nil {
		return time.Time{}, err
	}
	if e.Len() == 0 {
		return time.Time{}, fmt.Errorf("%w: no events to split", recsys.ErrEmptyDataset)
	}
	times := slices.Clone(e.Time)
	slices.Sort(times)
	test := min(int(math.Ceil(testShare*float64(len(times)))), len(times))
	cut := times[len(times)-test]
	if cut == times[0] {
		return time.Time{}, fmt.Errorf("%w: no event is older than the time %d at which a test part of %v begins; use a random or an explicit split", recsys.ErrInvalidData, cut, testShare)
	}
	return time.Unix(cut, 0).UTC(), nil
}

// LeaveLastOut holds out the last n purchases (events of positive amount) of every user and
// what came after them. Users with no more than n purchases stay in the training part.
func LeaveLastOut(e *Events, n int) (*Split, error) {
	if n < 1 {
		return nil, fmt.Errorf("%w: leave the last %d out, it must be at least 1", recsys.ErrInvalidConfig, n)
	}
	test := make([]bool, e.Len())
	order := e.order()
	for lo := 0; lo < len(order); {
		hi := lo
		for hi < len(order) && e.User[order[hi]] == e.User[order[lo]] {
			hi++
		}
		left, cut := 0, hi
		for p := hi - 1; p >= lo; p-- {
			if e.Amount[order[p]] > 0 {
				if left++; left == n {
					cut = p
				}
			}
		}
		if left > n {
			for _, i := range order[cut:hi] {
				test[i] = true
			}
		}
		lo = hi
	}
	return e.part(test, fmt.Sprintf("leave last %d out", n))
}

// Random holds out the given share, above 0 and below 1, of the pairs of user and item, all
// events of a pair together. It mixes past and future: use it to compare with literature.
func Random(e *Events, testShare float64, seed uint64) (*Split, error) {
	if err := checkShare(testShare); err != nil {
		return nil, err
	}
	test := make([]bool, e.Len())
	r := &rng.Rand{}
	for i := range test {
		r.Seed(seed, uint64(e.User[i]), uint64(e.Item[i]))
		test[i] = r.Float64() < testShare
	}
	return e.part(test, fmt.Sprintf("random %v of the pairs, seed %d", testShare, seed))
}

// Explicit trains on one list of events and tests on another. catalogue and w are as for
// NewEvents.
func Explicit(train, test []recsys.Event, catalogue []string, w recsys.Weighting) (*Split, error) {
	e, err := NewEvents(slices.Concat(train, test), catalogue, w)
	if err != nil {
		return nil, err
	}
	held := make([]bool, e.Len())
	for i := len(train); i < len(held); i++ {
		held[i] = true
	}
	return e.part(held, "explicit")
}

func checkShare(s float64) error {
	if !(s > 0 && s < 1) {
		return fmt.Errorf("%w: a test share of %v, it must be above 0 and below 1", recsys.ErrInvalidConfig, s)
	}
	return nil
}
