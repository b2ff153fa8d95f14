package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/model/builtin"
)

// modelFlags configure a model to fit.
type modelFlags struct {
	params, paramsFile string
	seed               uint64
	seeded             func() bool
	threads            int
}

func (m *modelFlags) add(cmd *cobra.Command, s settings) {
	f := cmd.Flags()
	f.StringVar(&m.params, "params", "", "hyper-parameters as a `JSON` object, such as '{\"factors\": 150}'; the defaults where not given")
	f.StringVar(&m.paramsFile, "params-file", "", "`FILE` with such an object; --params goes over it")
	f.Uint64Var(&m.seed, "seed", 1, "seed of everything random; the same seed gives the same model")
	f.IntVar(&m.threads, "threads", s.Threads, "number of threads, 0 for one per CPU; it does not change the result [$THREADS]")
	m.seeded = func() bool { return f.Changed("seed") }
}

// new returns the unfitted model of the flags.
func (m *modelFlags) new(kind model.Kind, run recsys.Run) (model.Model, error) {
	params, err := m.merged(kind)
	if err != nil {
		return nil, err
	}
	run.Workers = m.threads
	return kind.New(params, run)
}

// merged lays --params over the file, and --seed over both.
func (m *modelFlags) merged(kind model.Kind) (json.RawMessage, error) {
	all := make(map[string]json.RawMessage)
	if m.paramsFile != "" {
		text, err := os.ReadFile(m.paramsFile)
		if err != nil {
			return nil, err
		}
		if all, err = object("--params-file "+m.paramsFile, text); err != nil {
			return nil, err
		}
	}
	if m.params != "" {
		over, err := object("--params", []byte(m.params))
		if err != nil {
			return nil, err
		}
		maps.Copy(all, over)
	}
	if _, given := all["seed"]; m.seeded() && !given && takesSeed(kind) {
		all["seed"], _ = json.Marshal(m.seed)
	}
	return json.Marshal(all)
}

func object(source string, text []byte) (map[string]json.RawMessage, error) {
	var o map[string]json.RawMessage
	if err := json.Unmarshal(bytes.TrimSpace(text), &o); err != nil || o == nil {
		return nil, usagef("%s: want a JSON object such as {\"factors\": 150}, got %.80q", source, text)
	}
	return o, nil
}

// takesSeed tells whether a kind draws random numbers: those that do not have no such parameter.
func takesSeed(kind model.Kind) bool {
	_, err := kind.New(json.RawMessage(`{"seed": 1}`), recsys.Run{})
	return err == nil
}

// kindArg reads the KIND argument of a command.
func kindArg(name string) (model.Kind, error) {
	kind, err := builtin.Lookup(strings.ToLower(name))
	if err != nil {
		return kind, usageError{err}
	}
	return kind, nil
}

// kindsHelp lists the kinds for a command's help.
func kindsHelp() string {
	var b strings.Builder
	b.WriteString("Kinds:\n")
	for _, k := range builtin.Kinds() {
		b.WriteString("  " + k.Name + strings.Repeat(" ", max(1, 12-len(k.Name))) + k.Summary + "\n")
	}
	return b.String()
}
