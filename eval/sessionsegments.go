package eval

import (
	"context"

	"github.com/recsys-lite/recsys"
)

// SessionDetail says in which sessions a model does well, and which items it finds. NextItem
// computes it when NextItemOptions.Detail is set. Parts with nothing in them are left out.
type SessionDetail struct {
	// Sessions are parted by their length: "short" ones have two events, of which the second is
	// predicted; "medium" and "long" ones have more, up to the median of these and above it.
	Sessions []SessionSegment `json:"sessions"`
	// Targets are the predictions by the popularity of the item that came: the groups are those
	// of Detail.Items. Items that training does not know are among the "unsold".
	Targets []TargetSegment `json:"targets"`
}

// SessionSegment is a part of the sessions; its metrics are means over their predictions.
type SessionSegment struct {
	Segment
	Sessions    int `json:"sessions"`
	Predictions int `json:"predictions"`
}

// TargetSegment is a part of the items; its metrics are means over the predictions of these.
type TargetSegment struct {
	Segment
	Items       int `json:"items"`
	Predictions int `json:"predictions"`
	// Share is the segment's part of all predictions.
	Share float64 `json:"share"`
}

const fewEvents = 2 // a short session has at most that many

// targetGroups are the groups of the items that are to be predicted.
type targetGroups struct {
	owners *recsys.CSR // items × users or sessions
	groups []uint8     // of the items
}

func (g *targetGroups) of(item int32) uint8 {
	if item < 0 {
		return unsold
	}
	return g.groups[item]
}

// part makes the groups of the items.
func (t *sessionTask) part(train *recsys.CSR) {
	owners := train.Transpose()
	t.targets = &targetGroups{owners, groupItems(owners)}
}

// ofTarget are the sums of one session over the predictions of one group.
func (s *sessionScores) ofTarget(n int, group uint8) []float64 {
	at := n*len(itemGroups) + int(group)
	return s.byTarget[at*len(s.names) : (at+1)*len(s.names)]
}

// detail parts the results of the model and of popularity.
func (t *sessionTask) detail(ctx context.Context, n NextItemOptions, own, base *sessionScores) (*SessionDetail, error) {
	o := Options{Bootstrap: n.Bootstrap, Seed: n.Seed, Run: n.Run}
	d := &SessionDetail{}
	sizes := make([]int, len(t.units))
	for n, u := range t.units {
		items, _ := t.sessions.Of(u)
		sizes[n] = len(items)
	}
	for _, part := range partBySize(sizes, fewEvents, "short", "medium", "long") {
		s := SessionSegment{Segment: Segment{Name: part.name, From: part.from, To: part.to}, Sessions: len(part.rows)}
		for _, n := range part.rows {
			s.Predictions += sizes[n] - 1
		}
		a, b := own.part(part.rows), base.part(part.rows)
		if err := s.compare(ctx, o, &a, &b); err != nil {
			return nil, err
		}
		d.Sessions = append(d.Sessions, s)
	}
	counts := t.predictionsByGroup()
	var all int
	for _, size := range sizes {
		all += size - 1
	}
	for g, name := range itemGroups {
		s := TargetSegment{Segment: Segment{Name: name}}
		s.Items, s.From, s.To, _ = groupExtent(t.targets.groups, t.targets.owners, g)
		var rows []int
		var weight []float64
		for n := range t.units {
			if c := counts[n*len(itemGroups)+g]; c > 0 {
				rows, weight = append(rows, n), append(weight, float64(c))
				s.Predictions += int(c)
			}
		}
		if s.Predictions == 0 {
			continue
		}
		s.Share = float64(s.Predictions) / float64(all)
		a, b := own.inGroup(uint8(g), rows, weight), base.inGroup(uint8(g), rows, weight)
		if err := s.compare(ctx, o, &a, &b); err != nil {
			return nil, err
		}
		d.Targets = append(d.Targets, s)
	}
	return d, nil
}

// predictionsByGroup counts the predictions: sessions × groups.
func (t *sessionTask) predictionsByGroup() []int32 {
	out := make([]int32, len(t.units)*len(itemGroups))
	for n, u := range t.units {
		items, _ := t.sessions.Of(u)
		for _, i := range items[1:] {
			out[n*len(itemGroups)+int(t.targets.of(i))]++
		}
	}
	return out
}

// inGroup is the sample of the sessions that have predictions of a group.
func (s *sessionScores) inGroup(group uint8, rows []int, weight []float64) sample {
	out := newSample(len(rows), s.names)
	out.weight = weight
	for r, n := range rows {
		copy(out.row(r), s.ofTarget(n, group))
	}
	return out
}
