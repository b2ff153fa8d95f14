package main

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"gopkg.in/natefinch/lumberjack.v2"
)

// newLog returns a logger to stderr and, unless LogDir is empty, to a file there that is
// rotated at 20 MB and kept five times.
func newLog(s settings, file string, stderr io.Writer) (*slog.Logger, func(), error) {
	l, err := openLogs(s, file, stderr)
	if err != nil {
		return nil, nil, err
	}
	return l.program, l.close, nil
}

// logs are what a long-running command writes: program tells of events on the terminal and
// in the file, access of every request in the file alone; it is nil where there is none, or
// where the level leaves such lines out.
type logs struct {
	program *slog.Logger
	access  io.Writer
	// debug says that the level is DEBUG.
	debug bool
	close func()
}

func openLogs(s settings, file string, stderr io.Writer) (*logs, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(s.LogLevel)); err != nil {
		return nil, usagef("log level %q: want DEBUG, INFO, WARN or ERROR", s.LogLevel)
	}
	text := func(w io.Writer) *slog.Logger {
		return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
	}
	if s.LogDir == "" {
		return &logs{program: text(stderr), close: func() {}}, nil
	}
	if err := os.MkdirAll(s.LogDir, 0o755); err != nil {
		return nil, fmt.Errorf("log directory: %w (--log-dir '' logs to the terminal only)", err)
	}
	f := newLogFile(filepath.Join(s.LogDir, file))
	l := &logs{program: text(io.MultiWriter(stderr, atOnce{f})), debug: level <= slog.LevelDebug, close: f.close}
	if level <= slog.LevelInfo {
		l.access = f
	}
	return l, nil
}

// flushEvery is how long a line of the access log may wait for others: a write for each would
// cost as much as the answer it tells of.
const flushEvery = 200 * time.Millisecond

// logFile is a rotated file behind a buffer. Lines stay whole, and in order.
type logFile struct {
	mu      sync.Mutex
	buffer  *bufio.Writer
	file    *lumberjack.Logger
	pending bool
	closing chan struct{}
	closed  chan struct{}
}

func newLogFile(path string) *logFile {
	file := &lumberjack.Logger{Filename: path, MaxSize: 20, MaxBackups: 5}
	f := &logFile{buffer: bufio.NewWriterSize(file, 1<<16), file: file, closing: make(chan struct{}), closed: make(chan struct{})}
	go f.flush()
	return f
}

func (f *logFile) Write(line []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.buffer.Available() < len(line) {
		_ = f.buffer.Flush() // so that a rotation does not cut the line
	}
	f.pending = true
	return f.buffer.Write(line)
}

func (f *logFile) flush() {
	defer close(f.closed)
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-f.closing:
			return
		case <-tick.C:
			f.mu.Lock()
			if f.pending {
				_ = f.buffer.Flush()
				f.pending = false
			}
			f.mu.Unlock()
		}
	}
}

func (f *logFile) close() {
	close(f.closing)
	<-f.closed
	f.mu.Lock()
	defer f.mu.Unlock()
	_ = f.buffer.Flush()
	_ = f.file.Close()
}

// atOnce writes through the buffer of a logFile.
type atOnce struct{ *logFile }

func (f atOnce) Write(line []byte) (int, error) {
	n, err := f.logFile.Write(line)
	f.mu.Lock()
	defer f.mu.Unlock()
	if flushErr := f.buffer.Flush(); err == nil {
		err = flushErr
	}
	return n, err
}
