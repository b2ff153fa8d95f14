package forgotten

import (
	"os"
	"sync/atomic"
	"time"
)

// directory tells cheaply that no file of a directory was replaced: that changes the time of
// the directory, for which one system call on an open handle asks, without a walk along the
// path.
type directory struct {
	path string
	last atomic.Pointer[glance]
}

// glance is what a look at the directory found.
type glance struct {
	handle  *os.File
	changed time.Time
	at      time.Time
}

const (
	// settled is how old a change must be for another one to get another time: the clocks of
	// file systems tick slowly, some once in two seconds.
	settled = 3 * time.Second
	// goodFor bounds the trust in a glance, for what changes no time of the directory: that
	// another one took its place.
	goodFor = time.Second
)

// unchanged reports whether nothing was put into the directory since the last trusted look. In
// doubt it says no.
func (d *directory) unchanged() bool {
	g := d.last.Load()
	if g == nil || time.Since(g.at) > goodFor {
		return false
	}
	info, err := g.handle.Stat()
	return err == nil && info.ModTime().Equal(g.changed)
}

// look returns the directory as it is, for trust, or nil when a later change might not show.
func (d *directory) look() *glance {
	g := &glance{at: time.Now()}
	info, err := os.Stat(d.path)
	if err != nil || g.at.Sub(info.ModTime()) < settled {
		return nil
	}
	if last := d.last.Load(); last != nil {
		if held, err := last.handle.Stat(); err == nil && os.SameFile(held, info) {
			g.handle, g.changed = last.handle, held.ModTime()
			return g
		}
	}
	if g.handle, err = os.Open(d.path); err != nil {
		return nil
	}
	if info, err = g.handle.Stat(); err != nil || g.at.Sub(info.ModTime()) < settled {
		g.handle.Close()
		return nil
	}
	g.changed = info.ModTime()
	return g
}

// trust lets unchanged compare with a look. Whatever was read of the directory after the look
// is in its place by now: who finds the directory unchanged then finds that.
func (d *directory) trust(g *glance) { d.last.Store(g) }
