package recsys_test

import (
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/recsys-lite/recsys"

// importRules says which packages of the module a package may import; patterns are those of
// path.Match, separated by spaces, and "." is the root. The first rule that matches counts.
var importRules = []struct{ packages, may, why string }{
	{"internal/f32 internal/topk internal/par internal/rng internal/durable internal/idscan", "",
		"kernels and loops that everything is built on stand alone"},
	{".", "internal/*",
		"the vocabulary knows no algorithm, no store and no file"},
	{"internal/forgotten", "internal/durable",
		"a list that models, servers and erasure read sits below them all"},
	{"internal/*", ". internal/*",
		"what several packages share sits below them"},
	{"model", ". internal/durable internal/forgotten",
		"stored models know no algorithm: a program passes the kinds it wants"},
	{"model/builtin", "model *",
		"the one place that knows all algorithms"},
	{"model/internal/* model/modeltest", ". model internal/*",
		"the conformance suite is for any algorithm"},
	{"index index/internal/* index/indextest", ". index index/internal/* internal/*",
		"an index sees vectors, not models"},
	{"index/faiss", ". index internal/*",
		"an index sees vectors, not models"},
	{"store", ". store/internal/* internal/durable internal/idscan",
		"a store gives datasets and knows nothing of who fits them"},
	{"store/memstore", ". store/internal/semantics",
		"a store in memory must not link DuckDB"},
	{"store/storetest", ". store/internal/semantics",
		"the conformance suite is for any store"},
	{"store/internal/*", ". store/internal/*",
		"the parts of a store"},
	{"gate", ". model eval internal/*",
		"it judges recipes on a split, whatever store the events come from"},
	{"worker", ". model eval gate store journal internal/*",
		"it brings events, store and stored models together, and knows no algorithm"},
	{"queue", ".",
		"a consumer hands messages on, to whatever store"},
	{"journal", ". internal/durable",
		"a server links a journal, not the store that its events come to"},
	{"eval gdpr", ". model internal/*",
		"they work on any store, so they link none"},
	{"gdpr/duckdb", "gdpr store",
		"the one place where erasure meets the database"},
	{"eval/report", ". model eval tune tune/plots internal/*",
		"a page is drawn from results, whoever measured them"},
	{"tune", ". model eval internal/*",
		"a search fits and measures; where the data comes from is the program's business"},
	{"tune/plots", "model tune",
		"drawing stands apart, so that a search links no plotter"},
	{"httpapi httpapi/*", ". httpapi httpapi/*",
		"the API serves an Engine, whatever is in it"},
	{"examples/* examples/*/* examples/*/*/*", ". * */* examples/* examples/*/* examples/*/*/*",
		"programs wire everything together"},
	{"*", ". model internal/*",
		"any other package is an algorithm, and those stand alone: no other algorithm, no I/O"},
}

// outsideRules says who alone may depend, however indirectly, on a package from elsewhere.
var outsideRules = []struct{ outside, only, why string }{
	{"github.com/duckdb/duckdb-go", "store store/internal/* gdpr/duckdb worker examples/* examples/*/* examples/*/*/*",
		"DuckDB needs cgo: a shop must be able to serve a model from a static binary"},
	{"github.com/DataIntelligenceCrew/go-faiss", "index/faiss examples/* examples/*/*",
		"Faiss needs cgo and a C library"},
	{"github.com/stretchr/testify", "model/modeltest store/storetest index/indextest",
		"a test library is not for users of the library"},
	{"pgregory.net/rapid", "model/modeltest store/storetest index/indextest",
		"a test library is not for users of the library"},
}

type goPackage struct {
	ImportPath    string
	Imports, Deps []string
}

// rel is the path below the module, "." for the root.
func rel(importPath string) string {
	if importPath == module {
		return "."
	}
	return strings.TrimPrefix(importPath, module+"/")
}

func ours(importPath string) bool {
	return importPath == module || strings.HasPrefix(importPath, module+"/")
}

func matches(patterns, name string) bool {
	return slices.ContainsFunc(strings.Fields(patterns), func(p string) bool {
		ok, err := path.Match(p, name)
		return err == nil && ok
	})
}

func goPackages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,Deps", "./...")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err)
	var all []goPackage
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		err := dec.Decode(&p)
		if err == io.EOF {
			return all
		}
		require.NoError(t, err)
		all = append(all, p)
	}
}

// Who may import whom.
func TestImports(t *testing.T) {
	for _, p := range goPackages(t) {
		name := rel(p.ImportPath)
		at := slices.IndexFunc(importRules, func(r struct{ packages, may, why string }) bool { return matches(r.packages, name) })
		if at < 0 {
			t.Errorf("no rule says what %s may import: decide, and add it to importRules", name)
			continue
		}
		for _, i := range p.Imports {
			if r := importRules[at]; ours(i) && !matches(r.may, rel(i)) {
				t.Errorf("%s imports %s: %s", name, rel(i), r.why)
			}
		}
		for _, r := range outsideRules {
			for _, d := range p.Deps {
				if (d == r.outside || strings.HasPrefix(d, r.outside+"/")) && !matches(r.only, name) {
					t.Errorf("%s depends on %s: %s", name, d, r.why)
				}
			}
		}
	}
}

// Everything but the programs and what links a C library builds without cgo.
func TestBuildsWithoutCgo(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles every package")
	}
	args := []string{"build"}
	for _, p := range goPackages(t) {
		// That nothing else depends on the C libraries is TestImports.
		if !matches("store store/internal/* gdpr/duckdb worker index/faiss examples/* examples/*/* examples/*/*/*", rel(p.ImportPath)) {
			args = append(args, p.ImportPath)
		}
	}
	cmd := exec.Command("go", args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
}
