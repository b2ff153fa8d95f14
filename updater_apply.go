package recsys

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// renewal is a snapshot under way to the next one. Its model is a copy; everything else is
// replaced, never changed in place.
type renewal struct {
	Snapshot
	// waiting are the new items that the model does not take in.
	waiting map[string]bool
	// sold says of each item whether anybody has it; nil until somebody asks.
	sold []bool
	// retired are the indices whose items joined anew.
	retired map[int32]bool
	// again is the retired index of each of these items.
	again map[string]int32
}

// lacks says whether the catalogue has items that the snapshot does not know.
func (n *renewal) lacks(catalogue []Item) bool {
	return slices.ContainsFunc(catalogue, func(it Item) bool {
		_, ok := n.Items.Index(it.ID)
		return !ok
	})
}

// apply refits users from their whole histories in the store, and takes in the items that come
// up on the way.
func (n *renewal) apply(ctx context.Context, st Store, ids []string) error {
	if ids == nil {
		ids = []string{} // nil would be everybody
	}
	o := DatasetOptions{Users: ids, Weighting: n.Weighting, Sequences: n.Sequences != nil, ItemFeatures: n.ItemFeatures != nil, UserFeatures: n.UserFeatures != nil}
	if n.Watermark.Time > 0 {
		o.AgesFrom = unix(n.Watermark.Time)
	}
	d, err := st.Dataset(ctx, o)
	if err != nil {
		return err
	}
	adder, canAdd := n.Model.(ItemAdder)
	known := n.Items.Len()
	items, added, err := n.grow(d, canAdd)
	if err != nil {
		return err
	}
	b, err := n.batch(d, ids, items)
	if err != nil {
		return err
	}
	// New users have to be known before the items that only they have, and their vectors are
	// right only with these.
	if len(b.users) > 0 {
		if err := n.Model.PartialFitUsers(ctx, b.users, columns(b.rows, known)); err != nil {
			return err
		}
	}
	if len(added) > 0 {
		news, err := n.newItems(d, b, known, added)
		if err != nil {
			return err
		}
		if err := n.addItems(ctx, adder, *news, b); err != nil {
			return err
		}
		n.ItemFeatures = withRows(n.ItemFeatures, news.Features)
	}
	n.Items, n.Users = items, b.allUsers
	n.noteSold(b.rows)
	n.Interactions = replaceRows(n.Interactions, b.users, b.rows, n.Users.Len(), items.Len())
	if n.Sequences != nil {
		n.Sequences = replaceSequences(n.Sequences, b.users, b.sequences, n.Users.Len())
		n.follow(known)
	}
	if n.UserFeatures != nil {
		n.UserFeatures = withUsers(n.UserFeatures, d, n.Users)
	}
	return nil
}

// addItems adds items to the model, and solves the users who have them once more.
func (n *renewal) addItems(ctx context.Context, adder ItemAdder, items NewItems, b *batch) error {
	known := n.Items.Len()
	if err := adder.AddItems(ctx, items); err != nil {
		return err
	}
	users, rows := b.having(known)
	if len(users) == 0 {
		return nil
	}
	return n.Model.PartialFitUsers(ctx, users, rows)
}

// refit fits a model anew for which that is quick, and says whether it has. The update before
// has given the model its shape, which stays where every event was taken back.
func (n *renewal) refit(ctx context.Context) (bool, error) {
	m, ok := n.Model.(Refitter)
	if !ok || n.Interactions.NNZ() == 0 {
		return false, nil
	}
	return true, m.Fit(ctx, &Dataset{Users: n.Users, Items: n.Items, Interactions: n.Interactions, Sequences: n.Sequences,
		ItemFeatures: n.ItemFeatures, UserFeatures: n.UserFeatures, Weighting: n.Weighting, Watermark: n.Watermark})
}

// grow returns the items with those of d behind them that are new, or bought for the first
// time, which it lists too. Those that the model cannot take in wait.
func (n *renewal) grow(d *Dataset, canAdd bool) (items *IDMap, added []string, err error) {
	bought := make([]bool, d.Items.Len())
	for _, i := range d.Interactions.Indices {
		bought[i] = true
	}
	retired := slices.Clone(n.Items.IDs())
	for i, id := range d.Items.IDs() {
		if at, known := n.Items.Index(id); known {
			if bought[i] && n.unsold(at) {
				retired[at] = n.retiredName(at)
				n.retired[at], n.again[id] = true, at
				added = append(added, id)
			}
			continue
		}
		if canAdd {
			added = append(added, id)
		} else {
			n.waiting[id] = true
		}
	}
	if len(added) == 0 {
		return n.Items, nil, nil
	}
	items, err = NewIDMap(append(retired, added...))
	return items, added, err
}

// batch is what a dataset says of some users, in the snapshot's indices.
type batch struct {
	// users have the rows (over all items, new ones included) and sequences beside them.
	users     []int32
	rows      *CSR
	sequences *Sequences // nil where the snapshot has none
	// allUsers are the known ones, and the new ones behind them.
	allUsers *IDMap
}

// batch translates d. Users of whom nothing is left, because they gave everything back, are
// among them with an empty row if they are known.
func (n *renewal) batch(d *Dataset, ids []string, items *IDMap) (*batch, error) {
	item := make([]int32, d.Items.Len())
	for i, id := range d.Items.IDs() {
		item[i] = -1
		if at, ok := items.Index(id); ok {
			item[i] = at
		}
	}
	b := &batch{rows: &CSR{Cols: items.Len(), Indptr: []int64{0}, Indices: []int32{}, Values: []float32{}}}
	if n.Sequences != nil {
		b.sequences = &Sequences{Indptr: []int64{0}}
	}
	var added []string
	var row []Scored // an item and its weight
	for _, id := range ids {
		from, has := d.Users.Index(id)
		user, known := n.Users.Index(id)
		if !known {
			if !has {
				continue
			}
			user = int32(n.Users.Len() + len(added))
			added = append(added, id)
		}
		b.users = append(b.users, user)
		if has {
			row = row[:0]
			cols, weights := d.Interactions.Row(int(from))
			for p, c := range cols {
				if item[c] >= 0 {
					row = append(row, Scored{item[c], weights[p]})
				}
			}
			b.addRow(row)
			b.addSequence(d.Sequences, int(from), item)
		}
		b.rows.Indptr = append(b.rows.Indptr, int64(len(b.rows.Indices)))
		if b.sequences != nil {
			b.sequences.Indptr = append(b.sequences.Indptr, int64(len(b.sequences.Items)))
		}
	}
	b.rows.Rows = len(b.users)
	b.allUsers = n.Users
	if len(added) == 0 {
		return b, nil
	}
	var err error
	b.allUsers, err = n.Users.Append(added...)
	return b, err
}

func (b *batch) addRow(row []Scored) {
	slices.SortFunc(row, func(a, b Scored) int { return cmp.Compare(a.Item, b.Item) })
	for _, s := range row {
		b.rows.Indices = append(b.rows.Indices, s.Item)
		b.rows.Values = append(b.rows.Values, s.Score)
	}
}

func (b *batch) addSequence(s *Sequences, user int, item []int32) {
	if b.sequences == nil {
		return
	}
	steps, times := s.Of(user)
	for p, i := range steps {
		if item[i] >= 0 {
			b.sequences.Items = append(b.sequences.Items, item[i])
			b.sequences.Times = append(b.sequences.Times, times[p])
		}
	}
}

// having returns the users and rows that have items from the given index on.
func (b *batch) having(from int) ([]int32, *CSR) {
	var users []int32
	rows := &CSR{Cols: b.rows.Cols, Indptr: []int64{0}, Indices: []int32{}, Values: []float32{}}
	for r, u := range b.users {
		cols, weights := b.rows.Row(r)
		if len(cols) == 0 || int(cols[len(cols)-1]) < from {
			continue
		}
		users = append(users, u)
		rows.Indices, rows.Values = append(rows.Indices, cols...), append(rows.Values, weights...)
		rows.Indptr = append(rows.Indptr, int64(len(rows.Indices)))
	}
	rows.Rows = len(users)
	return users, rows
}

// newItems describes the items from index known on: who had them, what else these users had,
// and their features.
func (n *renewal) newItems(d *Dataset, b *batch, known int, added []string) (*NewItems, error) {
	var had, near []Entry
	for r, u := range b.users {
		cols, weights := b.rows.Row(r)
		old, _ := slices.BinarySearch(cols, int32(known))
		for p := old; p < len(cols); p++ {
			row := cols[p] - int32(known)
			had = append(had, Entry{row, u, weights[p]})
			for _, c := range cols[:old] {
				near = append(near, Entry{row, c, 1})
			}
		}
	}
	out := &NewItems{Count: len(added)}
	var err error
	if out.Interactions, err = NewCSR(len(added), b.allUsers.Len(), had); err != nil {
		return nil, err
	}
	if out.Neighbours, err = NewCSR(len(added), known, near); err != nil {
		return nil, err
	}
	if n.ItemFeatures != nil {
		out.Features, err = n.featuresOf(d, added)
	}
	return out, err
}

// featuresOf gives items the features that the model was fitted with; values that nothing had
// then are unknown to it.
func (n *renewal) featuresOf(d *Dataset, added []string) (*CSR, error) {
	column := make(map[string]int32, len(n.ItemFeatures.Names))
	for c, name := range n.ItemFeatures.Names {
		column[name] = int32(c)
	}
	var entries []Entry
	for r, id := range added {
		i, ok := d.Items.Index(id)
		if !ok || d.ItemFeatures == nil {
			continue
		}
		cols, values := d.ItemFeatures.Matrix.Row(int(i))
		for p, c := range cols {
			if to, known := column[d.ItemFeatures.Names[c]]; known {
				v := float32(1)
				if values != nil {
					v = values[p]
				}
				entries = append(entries, Entry{int32(r), to, v})
			}
		}
	}
	return NewCSR(len(added), len(n.ItemFeatures.Names), entries)
}

// describe replaces the catalogue by the store's, and says whether that changed anything.
func (n *renewal) describe(catalogue []Item) bool {
	if n.Catalogue == nil {
		return false
	}
	next := make([]Item, n.Items.Len())
	for i, id := range n.Items.IDs() {
		next[i].ID = id
		was := i < len(n.Catalogue) && n.Catalogue[i].ID == id && n.Catalogue[i].Unavailable
		next[i].Unavailable = was || n.retired[int32(i)]
	}
	for _, it := range catalogue {
		if i, ok := n.Items.Index(it.ID); ok {
			next[i] = it
		}
	}
	changed := !reflect.DeepEqual(next, n.Catalogue)
	n.Catalogue = next
	return changed
}

// index adds the vectors of the items from the given index on.
func (n *renewal) index(ctx context.Context, from int) error {
	vectors, ok := n.Model.(VectorModel)
	if n.Index == nil || n.Items.Len() == from {
		return nil
	}
	if !ok {
		return fmt.Errorf("%w: an index beside a model without item vectors", ErrInvalidData)
	}
	m := vectors.ItemVectors()
	if m.Cols != n.Index.Dim() || m.Rows != n.Items.Len() {
		return fmt.Errorf("%w: an index of dimension %d beside %d item vectors of %d", ErrInvalidData, n.Index.Dim(), m.Rows, m.Cols)
	}
	ids := make([]int32, m.Rows-from)
	for i := range ids {
		ids[i] = int32(from + i)
	}
	return n.Index.Add(ctx, ids, m.Data[from*m.Cols:])
}

// updatedVersion names an update of a version up to an event.
func updatedVersion(version string, seq int64) string {
	if at := strings.LastIndexByte(version, '+'); at >= 0 {
		version = version[:at]
	}
	return version + "+" + strconv.FormatInt(seq, 10)
}
