package main

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
)

// watched is a file that is applied again whenever it has changed. One that cannot be used is
// refused and logged, once, while what it said before stays in force.
type watched struct {
	path, what string
	apply      func(data []byte) error
	log        *slog.Logger

	seen    os.FileInfo
	refused string
}

// load applies the file for the first time, which must work.
func (w *watched) load() error {
	w.seen, _ = os.Stat(w.path)
	data, err := os.ReadFile(w.path)
	if err == nil {
		err = w.apply(data)
	}
	return err
}

// check applies the file if it is another one than before.
func (w *watched) check() {
	info, err := os.Stat(w.path)
	if err == nil && w.seen != nil && os.SameFile(info, w.seen) && info.ModTime().Equal(w.seen.ModTime()) && info.Size() == w.seen.Size() {
		return
	}
	if err == nil {
		var data []byte
		if data, err = os.ReadFile(w.path); err == nil {
			err = w.apply(data)
		}
	}
	switch {
	case err == nil:
		w.refused = ""
		w.log.Info(w.what+" in force", "file", w.path)
	case errors.Is(err, fs.ErrNotExist) && w.refused == "":
		w.refused = err.Error()
		w.log.Warn("the file is gone: what it said stays in force", "file", w.path, "error", err)
	case err.Error() != w.refused:
		w.refused = err.Error()
		w.log.Warn(w.what+" refused: what the file said before stays in force", "file", w.path, "error", err)
	}
	w.seen = info
}
