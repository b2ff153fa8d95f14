package semantics

import (
	"maps"
	"slices"

	"github.com/recsys-lite/recsys"
)

// EventTypes is the part of a weighting that tells events apart by type.
type EventTypes struct {
	// LeftOut are the types of weight 0: their events are not loaded at all.
	LeftOut []string
	// Weighted are the types whose weight is neither 0 nor 1; an event of Weighted[i] has the
	// code i+1, every other one 0. Both lists ascend.
	Weighted []string
}

// TypesOf splits the event types of a weighting.
func TypesOf(w recsys.Weighting) EventTypes {
	var t EventTypes
	names := slices.Collect(maps.Keys(w.EventTypes))
	for _, name := range []string{recsys.ImpressionEventType, recsys.ClickEventType} {
		if _, listed := w.EventTypes[name]; !listed {
			names = append(names, name)
		}
	}
	for _, name := range names {
		switch w.TypeWeight(name) {
		case 0:
			t.LeftOut = append(t.LeftOut, name)
		case 1:
		default:
			t.Weighted = append(t.Weighted, name)
		}
	}
	slices.Sort(t.LeftOut)
	slices.Sort(t.Weighted)
	return t
}

// Code is the code of a type.
func (t EventTypes) Code(name string) int32 {
	i, ok := slices.BinarySearch(t.Weighted, name)
	if !ok {
		return 0
	}
	return int32(i + 1)
}

// Name is the type of a code; codes of 0 get a name that no weighting lists.
func (t EventTypes) Name(code int32) string {
	if code == 0 {
		return unlisted
	}
	return t.Weighted[code-1]
}

// unlisted is no valid UTF-8, so no event type can be called so.
const unlisted = "\xff"
