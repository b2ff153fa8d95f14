package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/recsys-lite/recsys/gdpr"
)

func newGDPRExport(s settings) *cobra.Command {
	x, userID, output := &siteFlags{}, "", ""
	cmd := &cobra.Command{
		Use:   "export-user",
		Short: "Export everything that is kept of a user, as JSON",
		Long: `Export everything that is kept of a user, as JSON: events and items as the database has
them, the profile, and what each stored model holds (history, sequence, parameters). With
--output the file is readable for its owner alone. Exits with 4 when nothing is kept.`,
		Example: `  recsys-lite gdpr export-user --user-id 12347 --db data/recsys.db --output exports/user_12347.json`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			site, err := x.site()
			if err != nil {
				return err
			}
			keys, err := gdpr.LoadKeys(site.DataDir, true)
			if err != nil {
				return err
			}
			log, err := gdpr.OpenLog(site.LogDir, keys)
			if err != nil {
				return err
			}
			export, err := site.Export(cmd.Context(), userID, nil)
			if err == nil {
				err = writeExport(cmd, output, export)
			}
			// An export of nobody is logged under the pseudonym: an id that is not known has
			// no place in a log.
			subject := userID
			if err != nil {
				subject = keys.Pseudonym(userID)
			}
			if err := errors.Join(err, log.Append(gdpr.DataExport, subject, err == nil)); err != nil {
				if errors.Is(err, gdpr.ErrNoData) {
					return exitError{exitNoData, err}
				}
				return err
			}
			if output != "" {
				fmt.Fprintf(cmd.OutOrStdout(), "%s: %s, %s, %s\n", output, counted(len(export.Events), "event"), counted(len(export.Items), "item"), counted(len(export.Models), "model"))
			}
			return nil
		},
	}
	x.add(cmd, s)
	requireUser(cmd, &userID)
	cmd.Flags().StringVar(&output, "output", "", "`FILE` to write; stdout when empty")
	_ = cmd.RegisterFlagCompletionFunc("output", files("json"))
	return cmd
}

func writeExport(cmd *cobra.Command, output string, export *gdpr.Export) error {
	if output == "" {
		return printJSON(cmd.OutOrStdout(), export)
	}
	var text strings.Builder
	if err := printJSON(&text, export); err != nil {
		return err
	}
	return gdpr.WritePrivate(output, []byte(text.String()))
}
