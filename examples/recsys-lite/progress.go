package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/recsys-lite/recsys"
)

// quietFor is how long nothing is drawn: what is done by then needs no bar.
const quietFor = 500 * time.Millisecond

// progressOn returns a hook that draws a bar with rate and time left on w, and a function that
// removes it. There is no hook when w is not a terminal.
func progressOn(w io.Writer) (hook func(recsys.Progress), done func()) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil, func() {}
	}
	b := &bar{w: &late{w: w, from: time.Now().Add(quietFor)}}
	return b.show, b.clear
}

// bar draws the stage that was reported last.
type bar struct {
	w     *late
	drawn *progressbar.ProgressBar
	at    recsys.Progress
}

func (b *bar) show(p recsys.Progress) {
	if b.drawn == nil || p.Stage != b.at.Stage || p.Total != b.at.Total || p.Done < b.at.Done {
		b.clear()
		options := []progressbar.Option{
			progressbar.OptionSetWriter(b.w), progressbar.OptionSetDescription(p.Stage), progressbar.OptionSetWidth(24),
			progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true), progressbar.OptionSetElapsedTime(true),
			progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100 * time.Millisecond),
			progressbar.OptionSetSpinnerChangeInterval(0), // it turns with the reports
		}
		total := p.Total
		switch {
		case total <= 0:
			total = -1 // unknown: a spinner
		case p.Stage == "read":
			options = append(options, progressbar.OptionShowBytes(true))
		default:
			options = append(options, progressbar.OptionShowIts())
		}
		b.drawn = progressbar.NewOptions(total, options...)
	}
	b.at = p
	// The bar is an ornament: it must not fail the work it shows.
	_ = b.drawn.Set(p.Done)
}

// clear removes the bar until the next report.
func (b *bar) clear() {
	if b.drawn != nil {
		_ = b.drawn.Clear()
	}
}

// late is w from some time on; what is written before is dropped.
type late struct {
	w    io.Writer
	from time.Time
}

func (l *late) Write(p []byte) (int, error) {
	if time.Now().Before(l.from) {
		return len(p), nil
	}
	return l.w.Write(p)
}

// progressOf is the hook of a study, which says where in the search it is.
func (s *searching) progressOf(x *search) func(recsys.Progress) {
	if s.hook == nil {
		return nil
	}
	return func(p recsys.Progress) {
		trials := x.study.Trials()
		if n := len(trials); n < x.target {
			left := ""
			if n > 0 {
				var seconds float64
				for _, t := range trials {
					seconds += t.Seconds
				}
				left = fmt.Sprintf(", %v left", time.Duration(seconds/float64(n)*float64(x.target-n)*float64(time.Second)).Round(time.Second))
			}
			p.Stage = fmt.Sprintf("trial %d of %d%s: %s", n+1, x.target, left, p.Stage)
		}
		p.Stage = x.kind.Name + " " + p.Stage
		s.hook(p)
	}
}
