package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/recsys-lite/recsys/gdpr"
)

func newGDPRVerify(s settings) *cobra.Command {
	x, userID, receipt, asJSON := &siteFlags{}, "", "", false
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Look for a user in every byte, and check the log and receipts",
		Long: `Look for a user's id in every file: the database and its .wal, every model, files of
events, journals, quarantine, lists of rejected rows, logs, receipts, backups. Compressed columns
are decoded, archives unpacked, and the id is found in UTF-8, UTF-16, with JSON's escapes and
percent-encoded. The GDPR log is checked against its hash chain, and --receipt FILE against this
shop's key.

Exits with 3 when the id is found, or the log or the receipt does not hold. Backups are listed,
and do not count.`,
		Example: `  recsys-lite gdpr verify --user-id 12347 --db data/recsys.db
  recsys-lite gdpr verify --receipt receipt.json`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if userID == "" && receipt == "" {
				return usagef("give --user-id, --receipt or both")
			}
			site, err := x.site()
			if err != nil {
				return err
			}
			result := struct {
				*gdpr.Report
				Receipt *gdpr.Receipt `json:"receipt,omitempty"`
			}{}
			if receipt != "" {
				if result.Receipt, err = checkReceipt(site, receipt, userID); err != nil {
					return err
				}
			}
			if userID != "" {
				if result.Report, err = site.Verify(cmd.Context(), userID); err != nil {
					return err
				}
			}
			if asJSON {
				err = printJSON(cmd.OutOrStdout(), result)
			} else {
				printReport(cmd, result.Report, result.Receipt)
			}
			if r := result.Report; err == nil && r != nil {
				if len(r.Found) > 0 {
					return exitError{exitFound, fmt.Errorf("%w: in %s", gdpr.ErrRemains, counted(len(r.Found), "place"))}
				}
				if r.LogError != "" {
					return exitError{exitFound, errors.New(r.LogError)}
				}
			}
			return err
		},
	}
	x.add(cmd, s)
	cmd.Flags().StringVar(&userID, "user-id", "", "`ID` of the user to look for")
	cmd.Flags().StringVar(&receipt, "receipt", "", "`FILE` with a receipt to check; with --user-id also whether it is that user's")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the report as JSON")
	return cmd
}

func checkReceipt(site *gdpr.Site, path, userID string) (*gdpr.Receipt, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	keys, err := gdpr.LoadKeys(site.DataDir, false)
	if err != nil {
		return nil, fmt.Errorf("the key that receipts are signed with: %w", err)
	}
	r, err := keys.Verify(text)
	if err != nil {
		return nil, exitError{exitFound, fmt.Errorf("%s: %w", path, err)}
	}
	if userID != "" && keys.Pseudonym(userID) != r.User {
		return nil, exitError{exitFound, fmt.Errorf("%s: %w: it is of another user", path, gdpr.ErrReceipt)}
	}
	log, err := gdpr.OpenLog(site.LogDir, keys)
	if err != nil {
		return nil, err
	}
	if ok, err := log.Has(r.LogHead); err != nil || !ok {
		return nil, exitError{exitFound, errors.Join(err, fmt.Errorf("%s: %w: the GDPR log has no line that it follows: lines were cut off", path, gdpr.ErrLog))}
	}
	return r, nil
}

func printReport(cmd *cobra.Command, r *gdpr.Report, receipt *gdpr.Receipt) {
	out := cmd.OutOrStdout()
	if receipt != nil {
		fmt.Fprintf(out, "the receipt is valid: %s was deleted at %s\n", receipt.User, receipt.Time.Format(time.RFC3339))
	}
	if r == nil {
		return
	}
	printEach(out, "found", r.Found)
	printEach(out, "in a backup, until it is rotated", r.Backups)
	printEach(out, "not about the user", r.Namesakes)
	printEach(out, "could not be searched", r.NotRead)
	fmt.Fprintf(out, "searched %s with %s: the id is in %s; the GDPR log has %s\n",
		counted(r.Files, "file"), counted(r.Bytes, "byte"), counted(len(r.Found), "place"), counted(r.LogLines, "line"))
}
