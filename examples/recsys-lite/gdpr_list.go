package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/recsys-lite/recsys/gdpr"
	"github.com/recsys-lite/recsys/store"
)

func newGDPRList(s settings) *cobra.Command {
	x, userID, asJSON := &siteFlags{}, "", false
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the operations on personal data and the forgotten users",
		Long: `List the operations on personal data and the forgotten users, under their pseudonyms.
With --user-id only those of one user, whose pseudonym is computed from the id.`,
		Example: `  recsys-lite gdpr list
  recsys-lite gdpr list --user-id 12347`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			site, err := x.site()
			if err != nil {
				return err
			}
			r, err := listGDPR(cmd.Context(), x, site, userID)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), r)
			}
			for _, e := range r.Operations {
				fmt.Fprintln(cmd.OutOrStdout(), e.Line)
			}
			if userID != "" {
				fmt.Fprintf(cmd.OutOrStdout(), "%s has a tombstone: %t\n", r.User, r.Forgotten)
				return nil
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s\n", counted(r.Tombstones, "tombstone"))
			return nil
		},
	}
	x.add(cmd, s)
	cmd.Flags().StringVar(&userID, "user-id", "", "`ID` of the user whose operations to list")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the list as JSON")
	return cmd
}

// gdprList is what gdpr list prints.
type gdprList struct {
	Operations []gdpr.Entry `json:"operations"`
	Tombstones int          `json:"tombstones"`
	User       string       `json:"user,omitempty"`
	Forgotten  bool         `json:"forgotten,omitempty"`
}

func listGDPR(ctx context.Context, x *siteFlags, site *gdpr.Site, userID string) (*gdprList, error) {
	keys, err := gdpr.LoadKeys(site.DataDir, true)
	if err != nil {
		return nil, err
	}
	log, err := gdpr.OpenLog(site.LogDir, keys)
	if err != nil {
		return nil, err
	}
	r := &gdprList{Operations: []gdpr.Entry{}}
	all, err := log.Entries()
	if err != nil {
		return nil, err
	}
	if userID != "" {
		r.User = keys.Pseudonym(userID)
	}
	for _, e := range all {
		if userID == "" || e.User == r.User {
			r.Operations = append(r.Operations, e)
		}
	}
	db, err := x.db.open(ctx, store.Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	tombstones, err := db.Tombstones(ctx)
	if err != nil {
		return nil, err
	}
	r.Tombstones = len(tombstones)
	if userID != "" {
		r.Forgotten, err = db.IsForgotten(ctx, userID)
	}
	return r, err
}

func newGDPRLift(s settings) *cobra.Command {
	x, userID := &siteFlags{}, ""
	cmd := &cobra.Command{
		Use:   "lift",
		Short: "Accept events of a deleted user again",
		Long: `Take the tombstone of a deleted user away, so that events from now on are accepted
again: the user has come back. What was deleted does not come back.`,
		Example: `  recsys-lite gdpr lift --user-id 12347`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			site, err := x.site()
			if err != nil {
				return err
			}
			lifted, err := site.Lift(cmd.Context(), userID, nil)
			if err != nil {
				return err
			}
			if !lifted {
				return exitError{exitNoData, fmt.Errorf("%q has no tombstone", userID)}
			}
			fmt.Fprintln(cmd.OutOrStdout(), "lifted: events from now on are accepted")
			return nil
		},
	}
	x.add(cmd, s)
	requireUser(cmd, &userID)
	return cmd
}
