package datasets

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/recsys-lite/recsys"
)

// Sessions is a set of click sessions: a user of Train is a session.
type Sessions struct {
	// Train has sequences in click order; weights are binary.
	Train *recsys.Dataset
	// Test holds the test sessions in the order in which they begin in the file, over the items
	// of Train, and TestIDs their names.
	Test    *recsys.Sequences
	TestIDs []string
}

// Yoochoose is session-rec's sample of the RecSys'15 clicks: 70,278 train and 13,568 test
// clicks, with real timestamps.
func Yoochoose(t testing.TB) *Sessions { t.Helper(); return loaded(t, yoochoose) }

var yoochoose = sync.OnceValues(func() (*Sessions, error) {
	raw, _, err := read("yoochoose-100k", "")
	if err != nil {
		return nil, err
	}
	users, err := sortedIDs(column(raw.TrainEvents, userOf))
	if err != nil {
		return nil, err
	}
	items, err := sortedIDs(column(raw.TrainEvents, itemOf))
	if err != nil {
		return nil, err
	}
	s := &Sessions{}
	if s.Train, err = build(raw.TrainEvents, users, items, recsys.Weighting{Scheme: recsys.Binary}); err != nil {
		return nil, err
	}
	seen := make(map[string]bool)
	for i := range raw.TestEvents {
		e := &raw.TestEvents[i]
		if _, ok := items.Index(e.ItemID); !ok {
			return nil, fmt.Errorf("yoochoose-100k: test item %q is not in train", e.ItemID)
		}
		if !seen[e.UserID] {
			seen[e.UserID] = true
			s.TestIDs = append(s.TestIDs, e.UserID)
		}
	}
	order, err := recsys.NewIDMap(s.TestIDs)
	if err != nil {
		return nil, err
	}
	s.Test = sequences(raw.TestEvents, order, items)
	return s, s.Test.Validate(items.Len())
})

// Reference is a published list of recommendations.
type Reference struct {
	// Session indexes Sessions.Test; the list was made after event Position (from 0) of it.
	Session, Position int
	Items             []int32 // best first
}

// YoochooseReference returns the published lists of one recommender ("ar", "sr", "vsknn" or
// "gru4rec") for the first 99 test sessions, in file order.
func YoochooseReference(t testing.TB, recommender string) []Reference {
	t.Helper()
	s := Yoochoose(t)
	return loaded(t, func() ([]Reference, error) { return readReference(s, recommender) })
}

func readReference(s *Sessions, recommender string) ([]Reference, error) {
	dir, err := find("yoochoose-100k")
	if err != nil {
		return nil, err
	}
	rows, err := readSeparated(dir, "reference/recoms_rsc15_100k_"+recommender+".csv", ';',
		"SessionId", "Position", "Recommendations")
	if err != nil {
		return nil, err
	}
	session := make(map[string]int, len(s.TestIDs))
	for i, id := range s.TestIDs {
		session[id] = i
	}
	refs := make([]Reference, len(rows))
	for r, row := range rows {
		var ok bool
		if refs[r].Session, ok = session[row[0]]; !ok {
			return nil, fmt.Errorf("reference %s: session %q is not in test", recommender, row[0])
		}
		if refs[r].Position, err = strconv.Atoi(row[1]); err != nil {
			return nil, err
		}
		for _, id := range strings.Split(row[2], ",") {
			item, ok := s.Train.Items.Index(id)
			if !ok {
				return nil, fmt.Errorf("reference %s: item %q is not in train", recommender, id)
			}
			refs[r].Items = append(refs[r].Items, item)
		}
	}
	return refs, nil
}
