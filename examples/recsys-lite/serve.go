package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/httpapi"
)

// drainTimeout is how long a stopping server waits for answers under way.
const drainTimeout = 10 * time.Second

func newServe(s settings) *cobra.Command {
	v := &server{settings: s}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve a model over HTTP",
		Long: `Serve the current model of --model-dir over HTTP, and every later version as soon as it
is there. Without a model the server starts, answers 503, and waits for one.

Endpoints: /recommend, /similar-items, /health, /metrics. The log goes to the terminal and
to LOG_DIR/api.log.`,
		Example: `  recsys-lite serve --model-dir model_artifacts/als --port 8000
  curl 'http://localhost:8000/recommend?user_id=12347&k=5'`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error { return v.run(cmd) },
	}
	f := cmd.Flags()
	f.StringVar(&v.settings.ModelDir, "model-dir", s.ModelDir, "`DIR` of the model [$MODEL_DIR]")
	f.StringVar(&v.settings.Host, "host", s.Host, "address to listen on; 0.0.0.0 listens on all [$API_HOST]")
	f.IntVar(&v.settings.Port, "port", s.Port, "port to listen on; 0 picks a free one [$API_PORT]")
	f.IntVar(&v.settings.Threads, "threads", s.Threads, "threads per request, 0 for one per CPU [$THREADS]")
	f.BoolVar(&v.fallback, "fallback", false, "answer for unknown users with popular items instead of 404")
	f.StringVar(&v.settings.LogDir, "log-dir", s.LogDir, "`DIR` of api.log; empty logs to the terminal only [$LOG_DIR]")
	f.StringVar(&v.settings.LogLevel, "log-level", s.LogLevel, "DEBUG, INFO, WARN or ERROR [$LOG_LEVEL]")
	return cmd
}

type server struct {
	settings settings
	fallback bool
}

func (v *server) run(cmd *cobra.Command) error {
	log, closeLog, err := newLog(v.settings, "api.log", cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	defer closeLog()
	ctx := cmd.Context()
	engine := new(recsys.Engine)
	reload := &reloader{settings: v.settings, engine: engine, log: log}
	reload.check()
	api, err := httpapi.New(engine, httpapi.Options{
		Version: version, MaxRecommendations: v.settings.MaxRecommendations,
		CacheExpiry: v.settings.cacheExpiry(), CacheSize: v.settings.CacheSize, Fallback: v.fallback, Log: log,
	})
	if err != nil {
		return usageError{err}
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(v.settings.Host, strconv.Itoa(v.settings.Port)))
	if err != nil {
		return err
	}
	go reload.loop(ctx)
	log.Info("serving", "url", "http://"+listener.Addr().String(), "model_dir", v.settings.ModelDir)
	return serveUntil(ctx, listener, api, log)
}

// serveUntil serves until ctx ends, and then lets the answers under way finish.
func serveUntil(ctx context.Context, listener net.Listener, handler http.Handler, log *slog.Logger) error {
	s := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
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
