package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"gopkg.in/natefinch/lumberjack.v2"
)

// newLog returns a logger to stderr and, unless LogDir is empty, to a file there that is
// rotated at 20 MB and kept five times.
func newLog(s settings, file string, stderr io.Writer) (*slog.Logger, func(), error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(s.LogLevel)); err != nil {
		return nil, nil, usagef("log level %q: want DEBUG, INFO, WARN or ERROR", s.LogLevel)
	}
	out, closeLog := stderr, func() {}
	if s.LogDir != "" {
		if err := os.MkdirAll(s.LogDir, 0o755); err != nil {
			return nil, nil, fmt.Errorf("log directory: %w (--log-dir '' logs to the terminal only)", err)
		}
		f := &lumberjack.Logger{Filename: filepath.Join(s.LogDir, file), MaxSize: 20, MaxBackups: 5}
		out, closeLog = io.MultiWriter(stderr, f), func() { _ = f.Close() }
	}
	return slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: level})), closeLog, nil
}
