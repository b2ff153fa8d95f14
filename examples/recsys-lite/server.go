package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/gdpr"
	"github.com/recsys-lite/recsys/httpapi"
	"github.com/recsys-lite/recsys/journal"
)

// server is one run of serve.
type server struct {
	settings settings
	log      *slog.Logger
	engine   *recsys.Engine
	journal  *journal.Journal
	reload   *reloader
	watched  []*watched
}

// check refuses numbers that would stand for something else further down, a default say.
func (v *server) check() error {
	s := v.settings
	switch {
	case s.Threads < 0:
		return usagef("--threads is %d, it must be positive, or 0 for one per CPU", s.Threads)
	case s.MaxRecommendations < 1:
		return usagef("--max-recommendations is %d, it must be at least 1", s.MaxRecommendations)
	case s.CacheExpiry < 0:
		return usagef("--cache-expiry is %d seconds, it must be positive, or 0 for no cache", s.CacheExpiry)
	case s.CacheSize < 1:
		return usagef("--cache-size is %d, it must be at least 1 (--cache-expiry 0 switches the cache off)", s.CacheSize)
	case s.Port < 0 || s.Port > 65535:
		return usagef("--port is %d, it must lie between 1 and 65535, or be 0 for a free one", s.Port)
	case s.MinBuyers < 1:
		return usagef("--min-buyers is %d, it must be at least 1", s.MinBuyers)
	case !(s.RateLimit >= 0):
		return usagef("--rate-limit is %v requests per second, it must be positive, or 0 for no limit", s.RateLimit)
	case s.RequestTimeout <= 0:
		return usagef("--timeout is %v, it must be positive", s.RequestTimeout)
	}
	return nil
}

func (v *server) run(cmd *cobra.Command) (err error) {
	if err := v.check(); err != nil {
		return err
	}
	logs, err := openLogs(v.settings, "api.log", cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	defer logs.close()
	ctx := cmd.Context()
	v.log, v.engine = logs.program, new(recsys.Engine)
	forgotten := gdpr.OpenForgotten(v.settings.ModelDir, func(err error) { v.log.Error("forgotten users", "error", err) })
	v.engine.SetForgotten(forgotten.Contains)
	if err := v.openJournal(ctx); err != nil {
		return err
	}
	if v.journal != nil {
		defer func() { err = errors.Join(err, v.journal.Close()) }()
	}
	if err := v.loadRules(); err != nil {
		return err
	}
	v.reload = newReloader(v.settings, v.engine, v.log)
	v.reload.check()
	api, err := v.newAPI(forgotten.Contains, logs)
	if err != nil {
		return err
	}
	defer api.Close()
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(v.settings.Host, strconv.Itoa(v.settings.Port)))
	if err != nil {
		return fmt.Errorf("%w (--host and --port choose another address)", err)
	}
	var background sync.WaitGroup
	defer background.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	background.Go(func() { v.follow(ctx) })
	v.log.Info("serving", "url", "http://"+listener.Addr().String(), "model_dir", v.settings.ModelDir, "incremental_dir", v.settings.IncrementalDir)
	return serveUntil(ctx, listener, api, v.log)
}

// openJournal starts the journal of events, and lays those of earlier servers that no worker
// has taken yet over the model.
func (v *server) openJournal(ctx context.Context) error {
	dir := v.settings.IncrementalDir
	if dir == "" {
		return nil
	}
	wayOut := func(err error) error {
		return fmt.Errorf("%w (--incremental-dir '' accepts no events)", err)
	}
	if _, err := journal.Recover(ctx, dir); err != nil {
		return wayOut(err)
	}
	segments, err := journal.Segments(dir)
	if err != nil {
		return wayOut(err)
	}
	for _, s := range segments {
		records, err := s.Read()
		if err != nil {
			v.log.Warn("segment left to the worker", "error", err) // who may have just taken it
			continue
		}
		for first, events := range records.Runs() {
			v.engine.Record(recsys.LiveEvents{Journal: s.Journal, First: first, Events: events})
		}
	}
	if v.journal, err = journal.Open(dir, journal.Options{Log: v.log}); err != nil {
		return wayOut(err)
	}
	return nil
}

// loadRules puts the rules file in force, if there is one.
func (v *server) loadRules() error {
	if v.settings.RulesFile == "" {
		return nil
	}
	w := &watched{path: v.settings.RulesFile, what: "rules", log: v.log, apply: func(data []byte) error {
		rules, err := recsys.ParseRules(data)
		if err != nil {
			return err
		}
		return v.engine.SetRules(rules)
	}}
	v.watched = append(v.watched, w)
	if err := w.load(); err != nil {
		return fmt.Errorf("rules of %s: %w", w.path, err)
	}
	return nil
}

func (v *server) newAPI(forgotten func(string) bool, logs *logs) (*httpapi.API, error) {
	s := v.settings
	o := httpapi.Options{
		Version: version, MaxRecommendations: s.MaxRecommendations, CacheExpiry: s.cacheExpiry(), CacheSize: s.CacheSize,
		Timeout: s.RequestTimeout, Fallback: s.Fallback, MinBuyers: s.MinBuyers, Forgotten: forgotten, PublicRead: s.PublicRead,
		RateLimit: s.RateLimit, CORSOrigins: s.CORSOrigins, Models: s.models, Worker: s.worker, Log: v.log, AccessLog: logs.access, AccessQueries: logs.debug,
		Collectors: []prometheus.Collector{v.reload.loads},
	}
	if v.journal != nil {
		o.Journal = v.journal
	}
	fromEnvironment, err := httpapi.ParseKeys(strings.NewReader(s.Keys))
	if err != nil {
		return nil, usageError{fmt.Errorf("API_KEYS: %w", err)}
	}
	o.Keys = fromEnvironment
	api, err := httpapi.New(v.engine, o)
	if err != nil {
		return nil, usageError{err}
	}
	if s.KeysFile == "" {
		return api, nil
	}
	w := &watched{path: s.KeysFile, what: "API keys", log: v.log, apply: func(data []byte) error {
		keys, err := httpapi.ParseKeys(bytes.NewReader(data))
		switch {
		case err != nil:
			return err
		case len(keys)+len(fromEnvironment) == 0:
			return errors.New("it has no key, and without any the server would be open: add one, or start without a file")
		}
		return api.SetKeys(append(keys, fromEnvironment...))
	}}
	v.watched = append(v.watched, w)
	if err := w.load(); err != nil {
		api.Close()
		return nil, fmt.Errorf("API keys of %s: %w", w.path, err)
	}
	return api, nil
}

// follow looks at what may change while the server runs.
func (v *server) follow(ctx context.Context) {
	tick := time.NewTicker(reloadInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			v.reload.check()
			for _, w := range v.watched {
				w.check()
			}
		}
	}
}

// serveUntil serves until ctx ends, and then lets the answers under way finish.
func serveUntil(ctx context.Context, listener net.Listener, handler http.Handler, log *slog.Logger) error {
	s := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    2 << 20, // room for our own answer, in JSON, to ids of a megabyte
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		drain, cancel := context.WithTimeout(context.Background(), drainTimeout)
		defer cancel()
		stopped <- s.Shutdown(drain)
	}()
	if err := s.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	if err := <-stopped; err != nil {
		return fmt.Errorf("answers still under way after %v were cut off: %w", drainTimeout, err)
	}
	log.Info("stopped")
	return nil
}
