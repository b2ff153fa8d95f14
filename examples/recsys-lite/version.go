package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"
)

// version is what /health reports and `recsys-lite version` prints.
const version = "0.1.1"

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "recsys-lite %s %s/%s %s\n", version, runtime.GOOS, runtime.GOARCH, runtime.Version())
			return err
		},
	}
}
