package main

import (
	"context"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/index"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/model/builtin"
)

// openModel opens the current model of a directory, with its index.
func openModel(dir string, s settings) (*model.Artifact, error) {
	return model.Opener{Kinds: builtin.Kinds(), Run: recsys.Run{Workers: s.Threads}, Index: index.Opener(s.search())}.Open(dir)
}

// search says how an index answers: FAISS_NPROBE clusters, and one query by THREADS threads
// where FAISS_USE_THREADS says so.
func (s settings) search() index.Search {
	o := index.Search{Probe: s.FaissProbe}
	if s.FaissThreads {
		if o.Threads = s.Threads; o.Threads == 0 {
			o.Threads = runtime.GOMAXPROCS(0)
		}
	}
	return o
}

// indexFlags say which index a model is published with.
type indexFlags struct {
	kind     string
	settings settings
}

// noIndex publishes a model without an index: every answer is an exact ranking.
const noIndex = "none"

var indexKinds = []string{index.KindAuto, index.KindExact, index.KindIVF, index.KindHNSW, noIndex}

func (x *indexFlags) add(cmd *cobra.Command, s settings) {
	x.settings = s
	cmd.Flags().StringVar(&x.kind, "index", s.Index, "index for use_faiss=true: "+strings.Join(indexKinds, ", ")+
		"; auto takes the one that beats an exact ranking, if one does, or an ivf where $FAISS_NLIST or $FAISS_NPROBE is set [$INDEX]")
}

// check tells, before a long fit, whether a model can have the index.
func (x *indexFlags) check(kind model.Kind, m model.Model) error {
	if err := checkIndexKind("--index", x.kind); err != nil {
		return err
	}
	if _, ok := m.(recsys.VectorModel); !ok && x.kind != index.KindAuto && x.kind != noIndex {
		return usagef("--index %s: the scores of a %s model are no inner products, which is what an index finds; leave it auto", x.kind, kind.Name)
	}
	return nil
}

// checkIndexKind names the flag or variable that a kind of index was given by.
func checkIndexKind(by, kind string) error {
	if !slices.Contains(indexKinds, kind) {
		return usagef("%s is %q, it must be one of %s", by, kind, strings.Join(indexKinds, ", "))
	}
	return nil
}

// build gives an artifact the index of the flags.
func (x *indexFlags) build(ctx context.Context, a *model.Artifact, run recsys.Run) error {
	vectors, ok := a.Model.(recsys.VectorModel)
	if x.kind == noIndex || !ok {
		return nil
	}
	o := index.Options{Run: run, Seed: 1}
	if x.kind == index.KindIVF || x.kind == index.KindAuto {
		o.Lists, o.Search.Probe = x.settings.FaissLists, x.settings.FaissProbe
	}
	built, err := index.OfModel(ctx, x.kind, vectors, a.Interactions, o)
	if err == nil && built != nil {
		a.Index = built
	}
	return err
}
