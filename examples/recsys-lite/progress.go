package main

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/recsys-lite/recsys"
)

// progressOn returns a hook that draws a bar on w, and a function that removes it. Nothing is
// drawn in the first half second, or when w is not a terminal.
func progressOn(w io.Writer) (hook func(recsys.Progress), done func()) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil, func() {}
	}
	var bar *progressbar.ProgressBar
	stage, start := "", time.Now()
	hook = func(p recsys.Progress) {
		if time.Since(start) < 500*time.Millisecond {
			return
		}
		if bar == nil || stage != p.Stage {
			stage = p.Stage
			bar = progressbar.NewOptions(p.Total, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(stage),
				progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetPredictTime(true),
				progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond))
		}
		// The bar is an ornament: it must not fail the work it shows.
		_ = bar.Set(p.Done)
	}
	return hook, func() {
		if bar != nil {
			_ = bar.Clear()
		}
	}
}
