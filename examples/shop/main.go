// Command shop is a small net/http shop as it might exist already, with recommendations built
// in: the recommender runs in the shop's own process. Its pages ask the Engine directly, and
// the documented HTTP API is mounted beside them under /recs/.
//
//	go run ./examples/shop -model model_artifacts/als
package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/httpapi"
	"github.com/recsys-lite/recsys/index"
	"github.com/recsys-lite/recsys/journal"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/model/builtin"
)

func main() {
	dir := flag.String("model", "model_artifacts/als", "directory of the model")
	events := flag.String("events", "data/incremental", "directory of the journal that the worker reads")
	listen := flag.String("listen", "127.0.0.1:8080", "address to listen on")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *dir, *events, *listen); err != nil {
		fmt.Fprintln(os.Stderr, "shop:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dir, events, listen string) error {
	artifact, err := model.Opener{Kinds: builtin.Kinds(), Index: index.Opener(index.Search{})}.Open(dir)
	if err != nil {
		return err
	}
	engine, err := recsys.NewEngine(artifact.Snapshot())
	if err != nil {
		return err
	}
	log, err := journal.Open(events, journal.Options{})
	if err != nil {
		return err
	}
	defer log.Close()
	handler, stop, err := newShop(engine, log)
	if err != nil {
		return err
	}
	defer stop()
	s := &http.Server{Addr: listen, Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	context.AfterFunc(ctx, func() { _ = s.Shutdown(context.Background()) })
	fmt.Printf("http://%s/\n", listen)
	if err := s.ListenAndServe(); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// newShop is the shop's handler: its own pages, and the API of the recommender. stop ends what
// that runs in the background.
func newShop(engine *recsys.Engine, log recsys.Journal) (h http.Handler, stop func(), err error) {
	api, err := httpapi.New(engine, httpapi.Options{Journal: log, Fallback: true})
	if err != nil {
		return nil, nil, err
	}
	s := &shop{engine: engine, journal: log}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.home)
	mux.HandleFunc("GET /product/{id}", s.product)
	mux.HandleFunc("POST /buy/{id}", s.buy)
	mux.Handle("/recs/", http.StripPrefix("/recs", api))
	return mux, api.Close, nil
}
