package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/recsys-lite/recsys"
	onlineretail "github.com/recsys-lite/recsys/examples/data/online-retail"
	demoshop "github.com/recsys-lite/recsys/examples/recsys-lite/shop"
	"github.com/recsys-lite/recsys/httpapi"
	"github.com/recsys-lite/recsys/journal"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/model/builtin"
)

// demoKinds are trained in seconds each; the first is what the shop starts with.
var demoKinds = []string{"ease", "als", "itemknn", "sessionknn"}

// demoWeights: looking at a thing is not buying it, so that what is clicked on stays in the
// lists.
const demoWeights = "click=0,view=0"

func newDemo(s settings) *cobra.Command {
	d := &demo{settings: s}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show everything: a shop on the Online Retail data",
		Long: `Import the Online Retail data that is part of this program, train four kinds of model,
measure them, and serve a shop to try them in: choose a customer or be a guest, see why a
thing is recommended, filter, switch models, and watch what a purchase changes.

Categories, colours, materials and pictures are not in the data: they are derived from the
titles. The models stay in --dir, so that a second start takes a second; --fresh starts over.
Purchases last until the demo stops.`,
		Example: `  recsys-lite demo
  recsys-lite demo --dir /tmp/demo --port 0
  recsys-lite demo --no-serve`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error { return d.run(cmd) },
	}
	f := cmd.Flags()
	f.StringVar(&d.dir, "dir", "bin/demo", "`DIR` for database and models")
	f.StringVar(&d.settings.Host, "host", "127.0.0.1", "address to listen on")
	f.IntVar(&d.settings.Port, "port", 8000, "port to listen on; 0 picks a free one")
	f.BoolVar(&d.noServe, "no-serve", false, "stop before the server starts")
	f.BoolVar(&d.fresh, "fresh", false, "import and train again")
	return cmd
}

// demo is one run of the command.
type demo struct {
	settings settings
	dir      string
	noServe  bool
	fresh    bool
}

func (d *demo) path(name ...string) string { return filepath.Join(append([]string{d.dir}, name...)...) }

func (d *demo) run(cmd *cobra.Command) error {
	if d.fresh {
		// Only what the demo has made: --dir may be any directory.
		for _, name := range []string{"recsys.db", "recsys.db.wal", "models", "journal", "items.csv", "events.parquet"} {
			if err := os.RemoveAll(d.path(name)); err != nil {
				return err
			}
		}
	}
	products, err := d.write()
	if err != nil {
		return err
	}
	if err := d.prepare(cmd); err != nil || d.noServe {
		return err
	}
	return d.serve(cmd, products)
}

// write puts the data into the directory, with what is derived from the titles.
func (d *demo) write() ([]demoshop.Product, error) {
	if err := os.MkdirAll(d.dir, 0o755); err != nil {
		return nil, err
	}
	products, err := demoshop.Read(bytes.NewReader(onlineretail.Items))
	if err != nil {
		return nil, err
	}
	var items bytes.Buffer
	if err := demoshop.Write(&items, products); err != nil {
		return nil, err
	}
	return products, errors.Join(
		os.WriteFile(d.path("items.csv"), items.Bytes(), 0o644),
		os.WriteFile(d.path("events.parquet"), onlineretail.Events, 0o644))
}

// prepare runs the commands that anybody would type, and shows them.
func (d *demo) prepare(cmd *cobra.Command) error {
	steps := [][]string{{"ingest", "--items", d.path("items.csv"), "--events", d.path("events.parquet"), "--db", d.path("recsys.db"), "--rejects", d.dir}}
	for _, kind := range demoKinds {
		if _, err := model.Current(d.path("models", kind)); err == nil {
			continue
		}
		steps = append(steps, []string{"train", kind, "--db", d.path("recsys.db"), "--output", d.path("models", kind), "--test-size", "0.2", "--event-weights", demoWeights})
	}
	if len(steps) > 1 {
		first := d.path("models", demoKinds[0])
		steps = append(steps,
			[]string{"recommend", "--model-dir", first, "--user-id", "12347", "--history", "5"},
			[]string{"similar", "--model-dir", first, "--item-id", "22423", "-k", "5"})
	} else {
		steps = nil // everything is there
	}
	for _, args := range steps {
		fmt.Fprintf(cmd.OutOrStdout(), "\n$ recsys-lite %s\n", strings.Join(args, " "))
		root, err := newRoot(d.settings)
		if err != nil {
			return err
		}
		root.SetArgs(args)
		root.SetOut(cmd.OutOrStdout())
		root.SetErr(cmd.ErrOrStderr())
		if err := root.ExecuteContext(cmd.Context()); err != nil {
			return fmt.Errorf("%s: %w", args[0], err)
		}
	}
	return nil
}

func (d *demo) serve(cmd *cobra.Command, products []demoshop.Product) (err error) {
	ctx := cmd.Context()
	log := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	// No worker takes the demo's events into its models: those of an earlier run are of no use.
	if err := os.RemoveAll(d.path("journal")); err != nil {
		return err
	}
	events, err := journal.Open(d.path("journal"), journal.Options{Log: log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, events.Close()) }()
	all := &everyModel{Journal: events}

	mux := http.NewServeMux()
	var kinds []demoshop.Kind
	for _, name := range demoKinds {
		api, kind, err := d.mount(name, all, log)
		if err != nil {
			return err
		}
		defer api.Close()
		mux.Handle("/models/"+name+"/", http.StripPrefix("/models/"+name, api))
		kinds = append(kinds, kind)
		if len(kinds) == 1 {
			mux.Handle("/", api)
		}
	}
	snapshot, _ := all.engines[0].Snapshot()
	page, err := demoshop.New(kinds, products, snapshot, mux)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(d.settings.Host, strconv.Itoa(d.settings.Port)))
	if err != nil {
		return err
	}
	url := "http://" + listener.Addr().String()
	fmt.Fprintf(cmd.OutOrStdout(), "\nThe shop:      %s/\nThe API:       %s/docs\nThe dashboard: %s/dashboard\nCtrl-C stops it.\n", url, url, url)
	return serveUntil(ctx, listener, page, log)
}

// mount opens the model of a kind and makes an API of it.
func (d *demo) mount(name string, all *everyModel, log *slog.Logger) (*httpapi.API, demoshop.Kind, error) {
	s := d.settings
	s.ModelDir = d.path("models", name)
	kind, err := builtin.Lookup(name)
	if err != nil {
		return nil, demoshop.Kind{}, err
	}
	a, err := openModel(s.ModelDir, s)
	if err != nil {
		return nil, demoshop.Kind{}, fmt.Errorf("%w (recsys-lite demo --fresh trains again)", err)
	}
	engine, err := recsys.NewEngine(a.Snapshot())
	if err != nil {
		return nil, demoshop.Kind{}, err
	}
	all.engines = append(all.engines, engine)
	api, err := httpapi.New(engine, httpapi.Options{Version: version, Journal: all, Models: s.models, Log: log})
	return api, demoshop.Kind{Name: name, Summary: kind.Summary, NDCG: a.Manifest.Metrics["ndcg@10"]}, err
}

// everyModel is a journal that several engines answer from: what is bought while one model is
// shown is known to all of them.
type everyModel struct {
	recsys.Journal
	engines []*recsys.Engine
}

func (e *everyModel) Append(ctx context.Context, events []recsys.Event) (int64, error) {
	first, err := e.Journal.Append(ctx, events)
	if err != nil {
		return first, err
	}
	for _, engine := range e.engines {
		engine.Record(recsys.LiveEvents{Journal: e.ID(), First: first, Events: events})
	}
	return first, nil
}
