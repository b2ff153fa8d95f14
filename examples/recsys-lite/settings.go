package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/joho/godotenv"
)

// settings are the defaults of flags, from the environment and a .env file; a flag on the
// command line beats the environment, which beats the file.
type settings struct {
	DBPath             string        `env:"DB_PATH" envDefault:"data/recsys.db"`
	ModelType          string        `env:"MODEL_TYPE" envDefault:"als"`
	ModelDir           string        `env:"MODEL_DIR"` // model_artifacts/MODEL_TYPE when empty
	Host               string        `env:"API_HOST" envDefault:"127.0.0.1"`
	Port               int           `env:"API_PORT" envDefault:"8000"`
	LogLevel           string        `env:"LOG_LEVEL" envDefault:"INFO"`
	LogDir             string        `env:"LOG_DIR" envDefault:"logs"`
	MaxRecommendations int           `env:"MAX_RECOMMENDATIONS" envDefault:"50"`
	CacheExpiry        int           `env:"CACHE_EXPIRY" envDefault:"300"` // seconds
	CacheSize          int           `env:"CACHE_SIZE" envDefault:"1000"`
	Threads            int           `env:"THREADS"` // one per CPU when 0
	Fallback           bool          `env:"FALLBACK"`
	MinBuyers          int           `env:"MIN_BUYERS" envDefault:"5"`
	RulesFile          string        `env:"RULES_FILE"`
	IncrementalDir     string        `env:"INCREMENTAL_DIR" envDefault:"data/incremental"`
	WorkerInterval     int           `env:"WORKER_INTERVAL" envDefault:"60"` // seconds
	BatchSize          int           `env:"BATCH_SIZE" envDefault:"10000"`
	RetrainCron        string        `env:"RETRAIN_CRON"`
	RabbitUser         string        `env:"RABBITMQ_USER" envDefault:"guest"`
	RabbitPassword     string        `env:"RABBITMQ_PASSWORD" envDefault:"guest"`
	KafkaUser          string        `env:"KAFKA_USER"`
	KafkaPassword      string        `env:"KAFKA_PASSWORD"`
	Keys               string        `env:"API_KEYS"`
	KeysFile           string        `env:"API_KEYS_FILE"`
	PublicRead         bool          `env:"API_PUBLIC_READ"`
	CORSOrigins        []string      `env:"CORS_ORIGINS"`
	RateLimit          float64       `env:"RATE_LIMIT"`
	RequestTimeout     time.Duration `env:"REQUEST_TIMEOUT" envDefault:"5s"`
	Index              string        `env:"INDEX" envDefault:"auto"`
	FaissLists         int           `env:"FAISS_NLIST"`       // clusters of an ivf
	FaissProbe         int           `env:"FAISS_NPROBE"`      // clusters that a query scans
	FaissThreads       bool          `env:"FAISS_USE_THREADS"` // share a query among THREADS
}

// loadSettings reads .env in the working directory, if there is one, and the environment.
func loadSettings() (settings, error) {
	var s settings
	text, err := os.ReadFile(".env")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return s, fmt.Errorf(".env: %w", err)
	}
	variables, err := godotenv.UnmarshalBytes(bytes.TrimPrefix(text, []byte("\ufeff"))) // Windows' editors begin with a mark
	if err != nil {
		return s, fmt.Errorf(".env: %w", err)
	}
	maps.Copy(variables, env.ToMap(os.Environ()))
	if err := env.ParseWithOptions(&s, env.Options{Environment: variables}); err != nil {
		return s, fmt.Errorf("environment: %w", unreadable(err, variables))
	}
	for name, v := range map[string]int{"FAISS_NLIST": s.FaissLists, "FAISS_NPROBE": s.FaissProbe, "THREADS": s.Threads} {
		if v < 0 || v > 1<<20 {
			return s, fmt.Errorf("environment: %s is %d, it must lie between 1 and %d, or be 0 for the default", name, v, 1<<20)
		}
	}
	if s.ModelDir == "" {
		s.ModelDir = filepath.Join("model_artifacts", s.ModelType)
	}
	return s, nil
}

// unreadable names the variables that err, of env, names by the fields of settings.
func unreadable(err error, variables map[string]string) error {
	var all env.AggregateError
	if !errors.As(err, &all) {
		return err
	}
	var out []error
	for _, e := range all.Errors {
		var bad env.ParseError
		field, found := reflect.StructField{}, false
		if errors.As(e, &bad) {
			field, found = reflect.TypeFor[settings]().FieldByName(bad.Name)
		}
		if !found {
			out = append(out, e)
			continue
		}
		name := field.Tag.Get("env")
		out = append(out, fmt.Errorf("%s is %q, it must be %s", name, variables[name], form(field.Type.String())))
	}
	return errors.Join(out...)
}

// form says how a value of a type, of Go or of a flag, is written.
func form(typ string) string {
	switch typ {
	case "int":
		return "a whole number"
	case "uint", "uint64":
		return "a whole number that is not negative"
	case "float", "float64":
		return "a number"
	case "bool":
		return "true or false"
	case "duration", "time.Duration":
		return "a time with its unit, such as 5s, 10m or 24h"
	case "intSlice", "ints":
		return "whole numbers with commas between them"
	case "stringToString":
		return "NAME=VALUE, with commas between them"
	}
	return "a " + typ
}

// cacheExpiry turns the documented seconds, where 0 switches the cache off, into the API's.
func (s settings) cacheExpiry() time.Duration {
	if s.CacheExpiry <= 0 {
		return -1
	}
	return time.Duration(s.CacheExpiry) * time.Second
}
