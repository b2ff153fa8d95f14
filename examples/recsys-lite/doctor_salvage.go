package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/recsys-lite/recsys/store"
)

func runSalvage(cmd *cobra.Command, db *dbFlags, out string, asJSON bool) error {
	all, err := store.Salvage(cmd.Context(), db.path, out, db.options(store.Options{}))
	if err != nil {
		return err
	}
	if asJSON {
		text, err := json.Marshal(all)
		if err != nil {
			return err
		}
		return printJSON(cmd.OutOrStdout(), map[string]any{"out": out, "tables": json.RawMessage(text)})
	}
	for _, s := range all {
		lost := fmt.Sprintf("%d lost", s.Lost)
		if s.Lost < 0 {
			lost = "nobody knows how many were lost"
		}
		fmt.Fprintf(cmd.OutOrStdout(), "%-16s %d rows saved, %s", s.Table, s.Rows, lost)
		if s.Reason != "" {
			fmt.Fprintf(cmd.OutOrStdout(), ": %.200s", s.Reason)
		}
		fmt.Fprintln(cmd.OutOrStdout())
	}
	fmt.Fprintf(cmd.OutOrStdout(), "saved into %s\n", out)
	return nil
}
