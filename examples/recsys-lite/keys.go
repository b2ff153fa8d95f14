package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/recsys-lite/recsys/httpapi"
)

func newKeys() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "keys",
		Short: "Make keys for the API",
		Long: `Make keys for the API. A server that has keys answers only those who send one; see
'recsys-lite serve --api-keys-file'. Keys are stored nowhere but as hashes in the server's file.`,
		Example: `  recsys-lite keys new --name shop-backend --role write`,
	}
	name, role, asJSON := "", "", false
	fresh := &cobra.Command{
		Use:   "new --name NAME",
		Short: "Draw an API key, and print it with the line for the server's file",
		Long: `Draw an API key. The key itself is printed once and stored nowhere: hand it to whoever
calls the API. The line holds its SHA-256 and goes into the file of --api-keys-file, or into
$API_KEYS, several of them with semicolons between.

Roles: read asks for recommendations, write also sends events, admin also clears caches and
sees users and versions.`,
		Example: `  recsys-lite keys new --name shop-backend --role write
  recsys-lite serve --api-keys-file keys.txt
  curl -H "X-API-Key: $KEY" 'http://localhost:8000/recommend?user_id=12347'`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := httpapi.ParseRole(role)
			if err != nil {
				return usageError{err}
			}
			secret, key, err := httpapi.NewKey(name, r)
			if err != nil {
				return usageError{err}
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), map[string]string{"key": secret, "line": key.String()})
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "key   %s\nline  %s\n", secret, key)
			return err
		},
	}
	f := fresh.Flags()
	f.StringVar(&name, "name", "", "`NAME` of the key in the log")
	f.StringVar(&role, "role", "read", "read, write or admin")
	f.BoolVar(&asJSON, "json", false, "print one JSON object")
	_ = fresh.MarkFlagRequired("name")
	cmd.AddCommand(fresh)
	return cmd
}
