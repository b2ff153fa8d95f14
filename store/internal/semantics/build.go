package semantics

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/recsys-lite/recsys"
)

// Cell is the quantity of one event by number of user and item. MaxQty fits into int32.
type Cell struct{ User, Item, Qty int32 }

// TypedCell is a Cell whose weight depends on type or age.
type TypedCell struct {
	Cell
	Type int32 // EventTypes.Code
	Time int64
}

// Step is one event of a sequence.
type Step struct {
	User, Item int32
	Time       int64
}

// Input is what a store selected for a dataset.
type Input struct {
	// Users and Items are the ids by number, in the order of recsys.CompareIDs. Users without
	// a positive amount may be among them: Build drops them.
	Users, Items []string
	// Cells or TypedCells (NeedsTypes) are the events in any order.
	Cells      []Cell
	TypedCells []TypedCell
	// Steps are the events of positive quantity by user, time and arrival.
	Steps []Step
	// Catalogue is in the order of recsys.CompareIDs; for item features.
	Catalogue []recsys.Item
	// People is in the order of recsys.CompareIDs; for user features.
	People []recsys.User
	// Last is the number and time of the last event selected.
	Last recsys.Watermark
}

// NeedsTypes says whether a weighting looks at more than the quantity.
func NeedsTypes(w recsys.Weighting) bool {
	return w.HalfLife > 0 || len(TypesOf(w).Weighted) > 0
}

// Build assembles a dataset. It uses up in.
func Build(in *Input, o recsys.DatasetOptions) (*recsys.Dataset, error) {
	d := &recsys.Dataset{Weighting: o.Weighting, Watermark: in.Last}
	var rows *recsys.CSR
	if NeedsTypes(o.Weighting) {
		latest := in.Last.Time
		if !o.AgesFrom.IsZero() {
			latest = o.AgesFrom.Unix()
		}
		rows = collapse(in.TypedCells, len(in.Users), len(in.Items), typedAmount(o.Weighting, latest), o.Weighting)
	} else {
		rows = collapse(in.Cells, len(in.Users), len(in.Items), quantity, o.Weighting)
	}
	in.Cells, in.TypedCells = nil, nil
	kept := dropEmpty(rows, in)
	var err error
	if d.Users, err = recsys.NewIDMap(in.Users); err != nil {
		return nil, fmt.Errorf("number the users: %w", err)
	}
	if d.Items, err = recsys.NewIDMap(in.Items); err != nil {
		return nil, fmt.Errorf("number the items: %w", err)
	}
	d.Interactions = rows
	if o.Sequences {
		d.Sequences = sequences(in.Steps, kept, rows.Rows)
	}
	if o.ItemFeatures {
		d.ItemFeatures = itemFeatures(in.Catalogue, d.Items)
	}
	if f := userFeatures(in.People, d.Users); o.UserFeatures && len(f.Names) > 0 {
		d.UserFeatures = f
	}
	return d, nil
}

// celled is Cell or TypedCell.
type celled interface{ at() Cell }

func (c Cell) at() Cell { return c }

// collapse sorts the cells by user and item, turns those of one user and item into an amount
// and that into a weight.
func collapse[T celled](cells []T, users, items int, amount func([]T) float64, w recsys.Weighting) *recsys.CSR {
	spare := make([]T, len(cells))
	scatter(cells, spare, items, func(c T) int32 { return c.at().Item })
	begin := scatter(spare, cells, users, func(c T) int32 { return c.at().User })
	ranges := split(begin)
	parts := make([]part, len(ranges)-1)
	indptr := make([]int64, users+1)
	together(len(parts), func(p int) {
		parts[p] = collapseUsers(cells, begin[ranges[p]:ranges[p+1]+1], indptr[ranges[p]+1:], amount, w)
	})
	if len(parts) == 1 {
		return &recsys.CSR{Rows: users, Cols: items, Indptr: indptr, Indices: trim(parts[0].columns), Values: trim(parts[0].weights)}
	}
	entries := 0
	for p, q := range parts {
		for u := ranges[p]; u < ranges[p+1]; u++ {
			indptr[u+1] += int64(entries)
		}
		entries += len(q.columns)
	}
	m := &recsys.CSR{Rows: users, Cols: items, Indptr: indptr,
		Indices: make([]int32, 0, entries), Values: make([]float32, 0, entries)}
	for _, q := range parts {
		m.Indices = append(m.Indices, q.columns...)
		m.Values = append(m.Values, q.weights...)
	}
	return m
}

// trim gives the slack of s back when it is worth a copy.
func trim[T any](s []T) []T {
	if cap(s)-len(s) > cap(s)/16 {
		return slices.Clip(append(make([]T, 0, len(s)), s...))
	}
	return s
}

// part is the rows of a range of users.
type part struct {
	columns []int32
	weights []float32
}

// collapseUsers makes the rows of the users whose cells begin at begin, and writes to ends
// where each ends within the part.
func collapseUsers[T celled](cells []T, begin []int, ends []int64, amount func([]T) float64, w recsys.Weighting) part {
	last := len(begin) - 1
	p := part{make([]int32, 0, begin[last]-begin[0]), make([]float32, 0, begin[last]-begin[0])}
	for u := range last {
		for lo, end := begin[u], begin[u+1]; lo < end; {
			item := cells[lo].at().Item
			hi := lo + 1
			for hi < end && cells[hi].at().Item == item {
				hi++
			}
			if v := w.Weight(amount(cells[lo:hi])); v > 0 {
				p.columns = append(p.columns, item)
				p.weights = append(p.weights, v)
			}
			lo = hi
		}
		ends[u] = int64(len(p.columns))
	}
	return p
}

func quantity(cells []Cell) float64 {
	var sum int64
	for _, c := range cells {
		sum += int64(c.Qty)
	}
	return float64(sum)
}

// typedAmount sums by time and type: whole numbers first where both are equal, then floating
// point in that order, so that the order of the events does not show in the last bit.
func typedAmount(w recsys.Weighting, latest int64) func([]TypedCell) float64 {
	types := TypesOf(w)
	return func(cells []TypedCell) float64 {
		slices.SortFunc(cells, func(a, b TypedCell) int {
			return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.Type, b.Type))
		})
		var sum float64
		for lo := 0; lo < len(cells); {
			c := cells[lo]
			var qty int64
			for ; lo < len(cells) && cells[lo].Time == c.Time && cells[lo].Type == c.Type; lo++ {
				qty += int64(cells[lo].Qty)
			}
			sum += w.Amount(types.Name(c.Type), qty, age(latest-c.Time))
		}
		return sum
	}
}

// age turns seconds into a duration, which holds 292 years at most.
func age(seconds int64) time.Duration {
	const longest = int64((1<<63 - 1) / time.Second)
	return time.Duration(min(seconds, longest)) * time.Second
}

// dropEmpty removes users without interactions from rows and in.Users, and returns the new
// number of each old one, -1 for those dropped.
func dropEmpty(rows *recsys.CSR, in *Input) []int32 {
	number := make([]int32, rows.Rows)
	var next int32
	for u := range rows.Rows {
		if rows.RowLen(u) == 0 {
			number[u] = -1
			continue
		}
		number[u] = next
		in.Users[next] = in.Users[u]
		rows.Indptr[next+1] = rows.Indptr[u+1]
		next++
	}
	in.Users = in.Users[:next:next]
	rows.Rows = int(next)
	rows.Indptr = rows.Indptr[: next+1 : next+1]
	return number
}

func sequences(steps []Step, number []int32, users int) *recsys.Sequences {
	s := &recsys.Sequences{Indptr: make([]int64, users+1)}
	n := 0
	for _, st := range steps {
		if number[st.User] >= 0 {
			n++
		}
	}
	s.Items, s.Times = make([]int32, 0, n), make([]int64, 0, n)
	for _, st := range steps {
		u := number[st.User]
		if u < 0 {
			continue
		}
		s.Items = append(s.Items, st.Item)
		s.Times = append(s.Times, st.Time)
		s.Indptr[u+1] = int64(len(s.Items))
	}
	for u := range users {
		s.Indptr[u+1] = max(s.Indptr[u+1], s.Indptr[u])
	}
	return s
}
