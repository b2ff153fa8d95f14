package eval

import (
	"cmp"
	"context"
	"slices"

	"github.com/recsys-lite/recsys"
)

// Detail says for whom a model does well, and which items it pushes. Run computes it when
// Options.Detail is set. Parts with nobody in them are left out.
type Detail struct {
	// Users are parted by what is known of them: "new" have one or two items in training,
	// "light" and "heavy" users have more, up to the median of these and above it.
	Users []UserSegment `json:"users"`
	// Items are parted by popularity (Abdollahpouri et al., 2021): "head" are the most popular
	// items, as many as make up 20 % of the training interactions, "tail" the least popular that
	// make up 20 %, "mid" those between. "unsold" are items that nobody has in training; held-out
	// items that are not in the catalogue are counted here.
	Items []ItemSegment `json:"items"`
	// Bias compares what is recommended with what is bought.
	Bias Bias `json:"bias"`
}

// Segment is how a part of the users or items fared. The maps are as in Result.
type Segment struct {
	Name string `json:"name"`
	// From and To bound what the segment is parted by: a user's items in training, an item's
	// users, or a session's events.
	From int `json:"from"`
	To   int `json:"to"`

	Metrics   map[string]float64    `json:"metrics"`
	Intervals map[string]Interval   `json:"intervals,omitempty"`
	Baseline  map[string]float64    `json:"baseline"`
	Gain      map[string]Difference `json:"gain,omitempty"`
}

// UserSegment is a part of the users; its metrics are means over them.
type UserSegment struct {
	Segment
	Users int `json:"users"`
}

// ItemSegment is a part of the items. Its metrics are
//
//	recall    held-out pairs that were found / held-out pairs, of this segment's items
//	share     recommendations of this segment's items / all recommendations
//	coverage  share of the segment's items in at least one list
//
// Share and coverage are no means and have no intervals.
type ItemSegment struct {
	Segment
	Items int `json:"items"`
	// HeldOut is the number of held-out pairs.
	HeldOut int `json:"held_out"`
	// TrainShare and HeldOutShare are the segment's part of the training interactions and of
	// the held-out pairs.
	TrainShare   float64 `json:"train_share"`
	HeldOutShare float64 `json:"held_out_share"`
}

const fewItems = 2 // a new user has at most that many

// itemGroups are the parts of the catalogue, in the order of Detail.Items.
var itemGroups = [...]string{"head", "mid", "tail", "unsold"}

const unsold = uint8(len(itemGroups) - 1)

// groupItems returns the number of each item's group.
func groupItems(owners *recsys.CSR) []uint8 {
	order := make([]int32, owners.Rows)
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int {
		return cmp.Compare(owners.RowLen(int(b)), owners.RowLen(int(a)))
	})
	groups := make([]uint8, owners.Rows)
	total, before := owners.NNZ(), 0
	for _, i := range order {
		n := owners.RowLen(int(i))
		switch {
		case n == 0:
			groups[i] = unsold
		case 5*before < total:
			groups[i] = 0
		case 5*before < 4*total:
			groups[i] = 1
		default:
			groups[i] = 2
		}
		before += n
	}
	return groups
}

// groupExtent counts the items of a group, bounds the numbers of their owners, and adds these up.
func groupExtent(groups []uint8, owners *recsys.CSR, group int) (items, from, to, sold int) {
	for i, g := range groups {
		if int(g) != group {
			continue
		}
		n := owners.RowLen(i)
		if items == 0 {
			from = n
		}
		from, to = min(from, n), max(to, n)
		sold += n
		items++
	}
	return items, from, to, sold
}

// detail parts the results of the model and of popularity.
func (t *task) detail(ctx context.Context, own, base *measured) (*Detail, error) {
	d := &Detail{Bias: t.bias(own, base)}
	var err error
	if d.Users, err = t.userSegments(ctx, own, base); err != nil {
		return nil, err
	}
	d.Items, err = t.itemSegments(ctx, own, base)
	return d, err
}

func (t *task) userSegments(ctx context.Context, own, base *measured) ([]UserSegment, error) {
	var out []UserSegment
	for _, part := range t.parts() {
		s := UserSegment{Segment: Segment{Name: part.name, From: part.from, To: part.to}, Users: len(part.rows)}
		a, b := own.sample.part(part.rows), base.sample.part(part.rows)
		if err := s.compare(ctx, t.o, &a, &b); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// parts are the users by the number of their items, without empty parts.
func (t *task) parts() []part {
	sizes := make([]int, len(t.users))
	for n, u := range t.users {
		sizes[n] = t.split.Train.Interactions.RowLen(int(u))
	}
	return partBySize(sizes, fewItems, "new", "light", "heavy")
}

// part is a part of the measured units (users or sessions), by their size.
type part struct {
	name     string
	from, to int   // sizes
	rows     []int // of the sample
}

// partBySize parts units into those of at most few, and the others at their median. Parts with
// nobody in them are left out.
func partBySize(sizes []int, few int, names ...string) []part {
	var others []int
	for _, size := range sizes {
		if size > few {
			others = append(others, size)
		}
	}
	median := few
	if len(others) > 0 {
		slices.Sort(others)
		median = others[(len(others)-1)/2]
	}
	all := make([]part, len(names))
	for n, size := range sizes {
		p := 0
		switch {
		case size > median:
			p = 2
		case size > few:
			p = 1
		}
		if len(all[p].rows) == 0 {
			all[p].name, all[p].from = names[p], size
		}
		all[p].from, all[p].to = min(all[p].from, size), max(all[p].to, size)
		all[p].rows = append(all[p].rows, n)
	}
	return slices.DeleteFunc(all, func(p part) bool { return len(p.rows) == 0 })
}

// part is the sample of some of the units.
func (s *sample) part(rows []int) sample {
	out := newSample(len(rows), s.names)
	for r, n := range rows {
		copy(out.row(r), s.row(n))
		if s.weight != nil {
			out.weight = append(out.weight, s.weight[n])
		}
	}
	return out
}

// compare fills in the metrics of a segment.
func (s *Segment) compare(ctx context.Context, o Options, own, base *sample) error {
	s.Metrics, s.Baseline = byName(own), byName(base)
	n := resamples(o.Bootstrap)
	if n == 0 {
		return nil
	}
	var err error
	s.Intervals, s.Gain, err = own.against(ctx, base, n, o.Seed, o.Run.Workers)
	return err
}

func (t *task) itemSegments(ctx context.Context, own, base *measured) ([]ItemSegment, error) {
	held := t.heldOutByGroup()
	var allHeld int
	for _, n := range held {
		allHeld += int(n)
	}
	var out []ItemSegment
	for g, name := range itemGroups {
		s := ItemSegment{Segment: Segment{Name: name, Metrics: map[string]float64{}, Baseline: map[string]float64{}}}
		var sold int
		s.Items, s.From, s.To, sold = groupExtent(t.groups, t.catalogue.owners, g)
		rows, weight := []int(nil), []float64(nil)
		for n := range t.users {
			if w := held[n*len(itemGroups)+g]; w > 0 {
				rows, weight = append(rows, n), append(weight, float64(w))
				s.HeldOut += int(w)
			}
		}
		if s.Items+s.HeldOut == 0 {
			continue
		}
		s.TrainShare = float64(sold) / float64(t.catalogue.owners.NNZ())
		s.HeldOutShare = float64(s.HeldOut) / float64(allHeld)
		if len(rows) > 0 {
			a, b := own.foundIn(g, rows, weight), base.foundIn(g, rows, weight)
			if err := s.compare(ctx, t.o, &a, &b); err != nil {
				return nil, err
			}
		}
		t.reach(g, own, s.Metrics)
		t.reach(g, base, s.Baseline)
		out = append(out, s)
	}
	return out, nil
}

// heldOutByGroup counts the held-out pairs: users × groups.
func (t *task) heldOutByGroup() []int32 {
	out := make([]int32, len(t.users)*len(itemGroups))
	for n := range t.users {
		counts := out[n*len(itemGroups) : (n+1)*len(itemGroups)]
		for _, i := range t.relevant[n] {
			counts[t.groups[i]]++
		}
		counts[unsold] += t.missing[n]
	}
	return out
}

// foundIn is the recall in a group of items as a sample of users, weighted by their pairs.
func (m *measured) foundIn(group int, rows []int, weight []float64) sample {
	var names []string
	for _, k := range m.ks {
		names = append(names, at("recall", k))
	}
	out := newSample(len(rows), names)
	out.weight = weight
	for r, n := range rows {
		for c := range m.ks {
			out.row(r)[c] = float64(m.found[(n*len(m.ks)+c)*len(itemGroups)+group])
		}
	}
	return out
}

// reach writes a group's share of the recommendations, and the share of it that is reached.
func (t *task) reach(group int, m *measured, dst map[string]float64) {
	for c, k := range m.ks {
		var all, here int64
		var items, reached int
		for i, n := range m.counts[c] {
			all += n
			if int(t.groups[i]) != group {
				continue
			}
			items++
			if here += n; n > 0 {
				reached++
			}
		}
		dst[at("share", k)] = float64(here) / float64(max(all, 1))
		dst[at("coverage", k)] = float64(reached) / float64(max(items, 1))
	}
}
