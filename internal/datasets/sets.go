package datasets

import (
	"sync"
	"testing"
	"time"

	"github.com/recsys-lite/recsys"
)

// Set is a data set with a fixed split.
type Set struct {
	// Train is fitted on while tuning; Full, what published figures are fitted on, is train and
	// validation together, and Train itself where there is no validation part. Both have the
	// same users and items, sequences, and the features that the set has.
	Train, Full *recsys.Dataset
	// Validation and Test hold each user's held-out items, distinct and ascending; Validation
	// is nil where there is no such part.
	Validation, Test [][]int32
	// Unknown is the number of distinct held-out pairs of test whose item is not in the
	// catalogue: misses that Test cannot express.
	Unknown int
	// TrainEvents, ValidationEvents and TestEvents are the rows behind them.
	TrainEvents, ValidationEvents, TestEvents []recsys.Event
}

// ML1M is MovieLens 1M in the split of RGCF: 6,040 users, 3,883 items, 670,019 / 82,811 /
// 83,648 interactions of weight 1, with item (genre) and user (demographic) features.
func ML1M(t testing.TB) *Set { t.Helper(); return loaded(t, ml1m) }

// ML100K is MovieLens 100K in the split of MCRec: 943 users, 1,682 items, 80,000 / 20,000
// interactions of weight 1, with genres as item features.
func ML100K(t testing.TB) *Set { t.Helper(); return loaded(t, ml100k) }

// OnlineRetailCut is where OnlineRetail parts train from test: 2011-11-09 UTC.
var OnlineRetailCut = time.Date(2011, 11, 9, 0, 0, 0, 0, time.UTC)

// OnlineRetail is UCI Online Retail, sales with a customer, cut by time at OnlineRetailCut.
// Users and items are those of train; weights are log1p of quantities.
func OnlineRetail(t testing.TB) *Set { t.Helper(); return loaded(t, onlineRetail) }

var ml1m = sync.OnceValues(func() (*Set, error) {
	s, dir, err := read("ml-1m", "validation.parquet")
	if err != nil {
		return nil, err
	}
	catalogue, err := readCSV(dir, "item_features.csv", "item_id", "feature")
	if err != nil {
		return nil, err
	}
	people, err := readCSV(dir, "user_features.csv", "user_id", "feature")
	if err != nil {
		return nil, err
	}
	if err := s.build(people, catalogue, recsys.Weighting{Scheme: recsys.Binary}); err != nil {
		return nil, err
	}
	return s, s.describe(people, catalogue)
})

var ml100k = sync.OnceValues(func() (*Set, error) {
	s, dir, err := read("ml-100k", "")
	if err != nil {
		return nil, err
	}
	catalogue, err := readCSV(dir, "items.csv", "item_id", "category")
	if err != nil {
		return nil, err
	}
	if err := s.build(nil, catalogue, recsys.Weighting{Scheme: recsys.Binary}); err != nil {
		return nil, err
	}
	return s, s.describe(nil, catalogue)
})

var onlineRetail = sync.OnceValues(func() (*Set, error) {
	dir, err := find("online-retail")
	if err != nil {
		return nil, err
	}
	events, err := readEvents(dir, "events.parquet")
	if err != nil {
		return nil, err
	}
	s := &Set{}
	for _, e := range events {
		if e.Time < OnlineRetailCut.Unix() {
			s.TrainEvents = append(s.TrainEvents, e)
		} else {
			s.TestEvents = append(s.TestEvents, e)
		}
	}
	return s, s.build(nil, nil, recsys.Weighting{Scheme: recsys.Log1p})
})

// read loads the event files of a set; an empty validation name means that there is none.
func read(name, validation string) (s *Set, dir string, err error) {
	if dir, err = find(name); err != nil {
		return nil, "", err
	}
	s = &Set{}
	if s.TrainEvents, err = readEvents(dir, "train.parquet"); err != nil {
		return nil, "", err
	}
	if s.TestEvents, err = readEvents(dir, "test.parquet"); err != nil {
		return nil, "", err
	}
	if validation != "" {
		s.ValidationEvents, err = readEvents(dir, validation)
	}
	return s, dir, err
}

// build numbers the users and items of train and validation and of the lists (whose rows
// begin with an id), and groups the events.
func (s *Set) build(people, catalogue [][]string, w recsys.Weighting) error {
	fit := append(s.TrainEvents[:len(s.TrainEvents):len(s.TrainEvents)], s.ValidationEvents...)
	users, err := sortedIDs(append(column(fit, userOf), firsts(people)...))
	if err != nil {
		return err
	}
	items, err := sortedIDs(append(column(fit, itemOf), firsts(catalogue)...))
	if err != nil {
		return err
	}
	if s.Train, err = build(s.TrainEvents, users, items, w); err != nil {
		return err
	}
	s.Full = s.Train
	if s.ValidationEvents != nil {
		if s.Full, err = build(fit, users, items, w); err != nil {
			return err
		}
		s.Validation, _ = heldOut(s.ValidationEvents, users, items)
	}
	s.Test, s.Unknown = heldOut(s.TestEvents, users, items)
	return nil
}

// describe adds features, given as pairs (id, feature).
func (s *Set) describe(people, catalogue [][]string) (err error) {
	if s.Full.ItemFeatures, err = features(s.Full.Items, catalogue); err != nil {
		return err
	}
	if people != nil {
		if s.Full.UserFeatures, err = features(s.Full.Users, people); err != nil {
			return err
		}
	}
	s.Train.ItemFeatures, s.Train.UserFeatures = s.Full.ItemFeatures, s.Full.UserFeatures
	return nil
}

func firsts(rows [][]string) []string {
	out := make([]string, len(rows))
	for i, row := range rows {
		out[i] = row[0]
	}
	return out
}
