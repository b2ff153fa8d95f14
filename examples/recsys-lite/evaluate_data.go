package main

import (
	"context"
	"fmt"
	"time"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/eval"
	"github.com/recsys-lite/recsys/store"
)

// measuredData is what models are measured on.
type measuredData struct {
	*eval.Split
	titles map[string]recsys.Item // by id; nil without a database
}

func (e *evaluation) part(ctx context.Context, s *subject) (*measuredData, error) {
	if len(e.train) > 0 {
		split, err := e.explicit(ctx, s)
		return &measuredData{Split: split}, err
	}
	db, err := e.db.open(ctx, store.Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	all, err := recsys.AllEvents(ctx, db)
	if err != nil {
		return nil, err
	}
	items, err := db.Items(ctx)
	if err != nil {
		return nil, err
	}
	data := &measuredData{titles: make(map[string]recsys.Item, len(items))}
	catalogue := make([]string, len(items))
	for i := range items {
		catalogue[i] = items[i].ID
		data.titles[items[i].ID] = items[i]
	}
	events, err := eval.NewEvents(all, catalogue, s.weighting)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.db.path, err)
	}
	if data.Split, err = e.divide(events); err != nil || !s.itemFeatures {
		return data, err
	}
	d, err := db.Dataset(ctx, recsys.DatasetOptions{ItemFeatures: true})
	if err != nil {
		return nil, err
	}
	data.Train.ItemFeatures = d.ItemFeatures.Align(d.Items, data.Train.Items)
	return data, nil
}

func (e *evaluation) divide(events *eval.Events) (*eval.Split, error) {
	switch e.split {
	case "last":
		return eval.LeaveLastOut(events, 1)
	case "random":
		return eval.Random(events, e.testSize, e.model.seed)
	case "time":
	default:
		return nil, usagef("--split is %q, it must be time, last or random", e.split)
	}
	if e.cut == "" {
		cut, err := eval.TimeCut(events, e.testSize)
		if err != nil {
			return nil, err
		}
		return eval.ByTime(events, cut)
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if cut, err := time.Parse(layout, e.cut); err == nil {
			return eval.ByTime(events, cut)
		}
	}
	return nil, usagef("--cut is %q, it must be a date such as 2011-11-09 or a time such as 2011-11-09T12:00:00Z", e.cut)
}

func (e *evaluation) explicit(ctx context.Context, s *subject) (*eval.Split, error) {
	train, err := readFiles(ctx, e.train)
	if err != nil {
		return nil, err
	}
	test, err := readFiles(ctx, e.test)
	if err != nil {
		return nil, err
	}
	var itemPairs, userPairs *pairs
	var catalogue []string
	if e.itemFeatures != "" {
		if itemPairs, err = readPairs(e.itemFeatures); err != nil {
			return nil, err
		}
		catalogue = itemPairs.ids
	}
	if e.userFeatures != "" {
		if userPairs, err = readPairs(e.userFeatures); err != nil {
			return nil, err
		}
	}
	split, err := eval.Explicit(train, test, catalogue, s.weighting)
	if err != nil {
		return nil, err
	}
	if itemPairs != nil {
		if split.Train.ItemFeatures, err = itemPairs.matrix(split.Train.Items); err != nil {
			return nil, err
		}
	}
	if userPairs != nil {
		split.Train.UserFeatures, err = userPairs.matrix(split.Train.Users)
	}
	return split, err
}
