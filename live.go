package recsys

import (
	"slices"
	"sync"
	"sync/atomic"
)

// LiveEvents are consecutive events of a journal, numbered from First.
type LiveEvents struct {
	// Journal is Journal.ID.
	Journal string
	First   int64
	Events  []Event
}

// liveMemory bounds what recorded events take, in bytes as liveEvent.size estimates them:
// some 400,000 events. The oldest make room for new ones.
const liveMemory = 64 << 20

// maxLiveOfUser bounds the events of one user, a robot, say.
const maxLiveOfUser = 1000

// live holds the events that no snapshot contains yet, by user.
type live struct {
	mu     sync.RWMutex
	byUser map[string][]liveEvent
	order  []liveOwner // by arrival, for eviction
	bytes  int
	// compactAt is the length of order from which it is worth looking for what is gone.
	compactAt int
	// version counts changes, so that a user's part of Revision never repeats.
	version int64
	// some says whether there is anything, without the lock.
	some atomic.Bool
}

type liveEvent struct {
	journal string
	seq     int64
	version int64
	event   Event
}

// liveOwner says whose event came when.
type liveOwner struct {
	user    string
	version int64
}

func (l *liveEvent) size() int {
	return len(l.event.UserID) + len(l.event.ItemID) + len(l.event.Type) + 128
}

// contains says whether the model of the snapshot was fitted on an event.
func (s *Snapshot) contains(journal string, seq int64) bool {
	last, known := s.Journaled[journal]
	return known && seq <= last
}

// Record lays events over the snapshot: the next request of the same user finds them, until
// Swap brings a snapshot that contains them (Snapshot.Journaled). An event that is recorded
// twice counts once. Events are forgotten, oldest first, beyond some 64 MiB.
func (e *Engine) Record(events LiveEvents) {
	e.live.mu.Lock()
	defer e.live.mu.Unlock()
	// Loaded under the lock: Swap stores the snapshot before it takes the lock to drop what
	// it contains, so that no event stays that is contained.
	v := e.current.Load()
	for n, event := range events.Events {
		seq := events.First + int64(n)
		if v != nil && v.contains(events.Journal, seq) || e.isForgotten(event.UserID) {
			continue
		}
		e.live.add(liveEvent{journal: events.Journal, seq: seq, event: event})
	}
	e.live.some.Store(len(e.live.byUser) > 0)
}

func (l *live) add(event liveEvent) {
	user := event.event.UserID
	of := l.byUser[user]
	for i := range of {
		if of[i].journal == event.journal && of[i].seq == event.seq {
			return
		}
	}
	if len(of) == maxLiveOfUser {
		l.bytes -= of[0].size()
		of = of[1:]
	}
	if l.byUser == nil {
		l.byUser = map[string][]liveEvent{}
	}
	l.version++
	event.version = l.version
	// Who reads holds a slice of its own length: appending behind it is not seen.
	l.byUser[user] = append(of, event)
	l.order = append(l.order, liveOwner{user, event.version})
	l.bytes += event.size()
	if len(l.order) > l.compactAt {
		l.compact()
	}
	for l.bytes > liveMemory {
		oldest := l.order[0]
		l.order = l.order[1:]
		l.remove(oldest.user, func(e *liveEvent) bool { return e.version == oldest.version })
	}
}

// remove forgets events of a user.
func (l *live) remove(user string, gone func(*liveEvent) bool) {
	var kept []liveEvent
	for _, e := range l.byUser[user] {
		if gone(&e) {
			l.bytes -= e.size()
		} else {
			kept = append(kept, e)
		}
	}
	if len(kept) == 0 {
		delete(l.byUser, user)
	} else {
		l.byUser[user] = kept
	}
}

// forget forgets a user's events.
func (l *live) forget(user string) {
	if len(l.of(user)) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.remove(user, func(*liveEvent) bool { return true })
}

// drop forgets what a snapshot contains.
func (l *live) drop(s *Snapshot) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for user := range l.byUser {
		l.remove(user, func(e *liveEvent) bool { return s.contains(e.journal, e.seq) })
	}
	l.compact()
	l.some.Store(len(l.byUser) > 0)
}

// compact takes out of the order what is gone already.
func (l *live) compact() {
	left := map[int64]bool{}
	for _, of := range l.byUser {
		for _, e := range of {
			left[e.version] = true
		}
	}
	l.order = slices.DeleteFunc(slices.Clone(l.order), func(o liveOwner) bool { return !left[o.version] })
	l.compactAt = max(2*len(l.order), 1<<16)
}

// of returns a user's events in order of arrival; it is not to be changed.
func (l *live) of(user string) []liveEvent {
	if user == "" || !l.some.Load() {
		return nil
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.byUser[user]
}
