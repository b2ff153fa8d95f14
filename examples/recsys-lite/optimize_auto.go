package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/recsys-lite/recsys/model/builtin"
)

const (
	// firstTrials is the number of trials of every kind before any is dropped.
	firstTrials = 3
	// blendOf is the number of kinds in the blend.
	blendOf = 3
)

// halve searches all kinds by successive halving: the defaults of each, a few trials of each,
// then twice as many of the better half, until all trials of those that are left, at least two,
// are run. The best are blended last.
func (s *searching) halve(ctx context.Context) error {
	left := slices.Clone(s.searches)
	for target := 1; ; {
		for i, x := range left {
			if err := s.turn(ctx, x, target, len(left)-i); err != nil {
				return err
			}
		}
		if target >= s.trials {
			break
		}
		if target >= firstTrials {
			s.rank(left)
			left = left[:max((len(left)+1)/2, min(2, len(left)))]
			target *= 2
		} else {
			target = firstTrials // the defaults of all kinds come first
		}
		target = min(target, s.trials)
	}
	return s.blend(ctx)
}

// turn runs the study of a kind, in a round of which the given number of turns, with this one, is to
// come, up to a number of trials. Each gets an equal part of what is left of the budget, and
// one part remains for the rounds to come, so that a slow kind cannot use up the time of all.
func (s *searching) turn(ctx context.Context, x *search, trials, turns int) error {
	limited := ctx
	if end, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		limited, cancel = context.WithTimeout(ctx, time.Until(end)/time.Duration(turns+1))
		defer cancel()
	}
	start := time.Now()
	err := s.trial(limited, x, trials)
	if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		s.say("%s: its part of the budget, %v, is spent after %d trials", x.kind.Name, time.Since(start).Round(time.Second), len(x.study.Trials()))
		return nil
	}
	return err
}

// rank orders by the best trial; those without one come last.
func (s *searching) rank(all []*search) {
	slices.SortStableFunc(all, func(a, b *search) int {
		x, errX := a.study.Best()
		y, errY := b.study.Best()
		switch {
		case errX == nil && errY == nil:
			return cmp.Compare(y.Value(), x.Value())
		case errX == nil:
			return -1
		case errY == nil:
			return 1
		}
		return 0
	})
}

// blend searches how to blend the best kinds, with their best parameters.
func (s *searching) blend(ctx context.Context) error {
	ranked := slices.Clone(s.searches)
	s.rank(ranked)
	type member struct {
		Kind   string          `json:"kind"`
		Params json.RawMessage `json:"params"`
	}
	var members []member
	for _, x := range ranked[:min(blendOf, len(ranked))] {
		best, err := x.study.Best()
		if err != nil {
			break // and so have those behind
		}
		params, err := x.fitting.Params(best.Params)
		if err != nil {
			return err
		}
		members = append(members, member{x.kind.Name, params})
	}
	if len(members) < 2 {
		return nil
	}
	kind, err := builtin.Lookup("hybrid")
	if err != nil {
		return err
	}
	fixed, err := s.data.model.merged(kind)
	if err != nil {
		return err
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(fixed, &all); err != nil {
		return err
	}
	if all["members"], err = json.Marshal(members); err != nil {
		return err
	}
	if fixed, err = json.Marshal(all); err != nil {
		return err
	}
	// Further trials may have changed the members since: each blend has a study of its own.
	sum := sha256.Sum256(fixed)
	x, err := s.open(kind, fixed, fmt.Sprintf("study-hybrid-%s", hex.EncodeToString(sum[:4])))
	if err != nil {
		return err
	}
	return s.trial(ctx, x, s.trials)
}
