package main

import (
	"time"

	"github.com/spf13/cobra"
)

func newServe(s settings) *cobra.Command {
	v := &server{settings: s}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve a model over HTTP",
		Long: `Serve the current model of --model-dir over HTTP, and every later version as soon as it
is there: without a model the server starts, answers 503, and waits for one. GET /docs lists
the endpoints.

Events that POST /events accepts go to a journal in --incremental-dir, from which the worker
takes them. What writes or administers is for clients on the same machine until there are API
keys ('recsys-lite keys new'). The log goes to the terminal and to LOG_DIR/api.log, which also
has a line per request, without user ids.

The files of --rules and --api-keys-file are read again when they change. Ctrl-C lets the
answers under way finish.`,
		Example: `  recsys-lite serve --model-dir model_artifacts/als --port 8000
  recsys-lite serve --rules rules.json --fallback --rate-limit 50
  curl 'http://localhost:8000/recommend?user_id=12347&k=5'`,
		RunE: func(cmd *cobra.Command, _ []string) error { return v.run(cmd) },
	}
	f := cmd.Flags()
	f.StringVar(&v.settings.ModelDir, "model-dir", s.ModelDir, "`DIR` of the model [$MODEL_DIR]")
	f.StringVar(&v.settings.Host, "host", s.Host, "address to listen on; 0.0.0.0 listens on all [$API_HOST]")
	f.IntVar(&v.settings.Port, "port", s.Port, "port to listen on; 0 picks a free one [$API_PORT]")
	f.IntVar(&v.settings.Threads, "threads", s.Threads, "threads per request, 0 for one per CPU [$THREADS]")
	f.BoolVar(&v.settings.Fallback, "fallback", s.Fallback, "answer for unknown users with popular items instead of 404 [$FALLBACK]")
	f.IntVar(&v.settings.MinBuyers, "min-buyers", s.MinBuyers, "number of different buyers that /bought-together wants behind a pair, so that it shows nobody's basket [$MIN_BUYERS]")
	f.StringVar(&v.settings.RulesFile, "rules", s.RulesFile, "JSON `FILE` with boosts, pins and hidden items [$RULES_FILE]")
	f.StringVar(&v.settings.IncrementalDir, "incremental-dir", s.IncrementalDir, "`DIR` of the journal of events; empty accepts none [$INCREMENTAL_DIR]")
	f.StringVar(&v.settings.KeysFile, "api-keys-file", s.KeysFile, "`FILE` of API keys, beside those of $API_KEYS [$API_KEYS_FILE]")
	f.BoolVar(&v.settings.PublicRead, "public-read", s.PublicRead, "keep reading open to callers without a key although there are keys [$API_PUBLIC_READ]")
	f.StringSliceVar(&v.settings.CORSOrigins, "cors-origins", s.CORSOrigins, "sites whose pages may ask, such as https://shop.example, or * [$CORS_ORIGINS]")
	f.Float64Var(&v.settings.RateLimit, "rate-limit", s.RateLimit, "requests per second of one key, or of one address without a key; 0 for no limit [$RATE_LIMIT]")
	f.DurationVar(&v.settings.RequestTimeout, "timeout", s.RequestTimeout, "time for one answer; a ranking cut short is marked as degraded [$REQUEST_TIMEOUT]")
	f.IntVar(&v.settings.MaxRecommendations, "max-recommendations", s.MaxRecommendations, "largest number of items that a request may ask for [$MAX_RECOMMENDATIONS]")
	f.IntVar(&v.settings.CacheExpiry, "cache-expiry", s.CacheExpiry, "seconds for which an answer may be repeated; 0 switches the cache off [$CACHE_EXPIRY]")
	f.IntVar(&v.settings.CacheSize, "cache-size", s.CacheSize, "answers to keep [$CACHE_SIZE]")
	f.StringVar(&v.settings.LogDir, "log-dir", s.LogDir, "`DIR` of api.log; empty logs to the terminal only [$LOG_DIR]")
	f.StringVar(&v.settings.LogLevel, "log-level", s.LogLevel, "DEBUG, INFO, WARN or ERROR [$LOG_LEVEL]")
	return cmd
}

// drainTimeout is how long a stopping server waits for answers under way.
const drainTimeout = 10 * time.Second

// reloadInterval is how often the model's pointer, and the files of rules and keys, are looked
// at.
const reloadInterval = time.Second
