package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/duckdb/duckdb-go/v2/mapping"
	"github.com/spf13/cobra"

	"github.com/recsys-lite/recsys/internal/f32"
)

// version is what /health reports and `recsys-lite version` prints.
const version = "0.1.1"

// build is what a bug report should say of the program.
type build struct {
	Version string `json:"version"`
	// Module is the version of the module as the Go command knows it: (devel) for a build in
	// a working tree.
	Module string `json:"module"`
	// Commit and CommitTime are empty where the build saw no repository; Modified says that
	// the tree had changes beside them.
	Commit     string `json:"commit,omitempty"`
	CommitTime string `json:"commit_time,omitempty"`
	Modified   bool   `json:"modified"`
	Go         string `json:"go"`
	OS         string `json:"os"`
	Arch       string `json:"arch"`
	DuckDB     string `json:"duckdb"`
	// Kernels are those in use on this processor: avx512, avx2, neon+dotprod, neon or go.
	Kernels string `json:"kernels"`
	CPUs    int    `json:"cpus"`
}

func thisBuild() build {
	b := build{
		Version: version, Module: "(unknown)", Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH,
		DuckDB: mapping.LibraryVersion(), Kernels: f32.Implementation(), CPUs: runtime.GOMAXPROCS(0),
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	b.Module = cmp.Or(info.Main.Version, b.Module)
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.CommitTime = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

func newVersion() *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version, and what a bug report should say of the build",
		Long: `Print the version of the program and of its module, the commit it was built from, the
versions of Go and DuckDB, and the CPU kernels in use on this processor.`,
		Example: `  recsys-lite version
  recsys-lite version --json`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			b := thisBuild()
			if asJSON {
				return printJSON(cmd.OutOrStdout(), b)
			}
			commit := cmp.Or(b.Commit, "(unknown)")
			if b.CommitTime != "" {
				commit += " of " + b.CommitTime
			}
			if b.Modified {
				commit += ", with changes"
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), `recsys-lite %s
module   %s
commit   %s
go       %s %s/%s
duckdb   %s
kernels  %s, %d CPUs
`, b.Version, b.Module, commit, b.Go, b.OS, b.Arch, b.DuckDB, b.Kernels, b.CPUs)
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}
