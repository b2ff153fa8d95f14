package gru4rec

// lanes runs sessions side by side: each lane is a session, and one that ends makes room for
// the next in order.
type lanes struct {
	sessions [][]int32 // of at least two events
	next     int       // the first session that has not begun
	session  []int     // per lane
	at       []int     // per lane: the event to feed
}

func newLanes(sessions [][]int32, batch int) *lanes {
	l := &lanes{sessions: sessions}
	for len(l.session) < min(batch, len(sessions)) {
		l.session = append(l.session, l.next)
		l.at = append(l.at, 0)
		l.next++
	}
	return l
}

// width is the number of lanes left.
func (l *lanes) width() int { return len(l.session) }

// read writes the item to feed and the one to predict, per lane.
func (l *lanes) read(in, out []int32) {
	for m, s := range l.session {
		in[m], out[m] = l.sessions[s][l.at[m]], l.sessions[s][l.at[m]+1]
	}
}

// advance moves every lane by one event. It calls reset for a lane that begins another
// session, and then move(from, to) for a lane that takes the place of one which found none;
// to is never above from.
func (l *lanes) advance(reset func(lane int), move func(from, to int)) {
	kept := 0
	for m := range l.session {
		l.at[m]++
		if l.at[m]+1 == len(l.sessions[l.session[m]]) {
			if l.next == len(l.sessions) {
				continue
			}
			l.session[m], l.at[m] = l.next, 0
			l.next++
			reset(m)
		}
		if kept != m {
			l.session[kept], l.at[kept] = l.session[m], l.at[m]
			move(m, kept)
		}
		kept++
	}
	l.session, l.at = l.session[:kept], l.at[:kept]
}
