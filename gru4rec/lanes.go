package gru4rec

// lanes runs sessions side by side: each lane is a session, and one that ends makes room for
// the next in order.
type lanes struct {
	order *order
	next  int       // the first session that has not begun
	left  [][]int32 // per lane: the event to feed and those behind it, two at least
}

func newLanes(o *order, batch int) *lanes {
	l := &lanes{order: o}
	for len(l.left) < min(batch, o.len()) {
		l.left = append(l.left, l.begin())
	}
	return l
}

// begin takes the next session.
func (l *lanes) begin() []int32 {
	l.next++
	return l.order.session(l.next - 1)
}

// width is the number of lanes left.
func (l *lanes) width() int { return len(l.left) }

// read writes the item to feed and the one to predict, per lane.
func (l *lanes) read(in, out []int32) {
	for m, items := range l.left {
		in[m], out[m] = items[0], items[1]
	}
}

// advance moves every lane by one event. It calls reset for a lane that begins another
// session, and then move(from, to) for a lane that takes the place of one which found none;
// to is never above from.
func (l *lanes) advance(reset func(lane int), move func(from, to int)) {
	kept := 0
	for m, items := range l.left {
		items = items[1:]
		if len(items) == 1 {
			if l.next == l.order.len() {
				continue
			}
			items = l.begin()
			reset(m)
		}
		l.left[kept] = items
		if kept != m {
			move(m, kept)
		}
		kept++
	}
	l.left = l.left[:kept]
}
