package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

func newHealth(s settings) *cobra.Command {
	address, asJSON := "", false
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Ask a running server whether it is well",
		Long: `Ask a running server whether it is well: GET /health. Exits with 0 when it answers 200,
which means that it serves a model, and with 1 otherwise. Containers and systemd use it.`,
		Example: `  recsys-lite health
  recsys-lite health --url http://localhost:8000 --json`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			at, err := url.Parse(address)
			if err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
				return usagef("--url is %q, it must be like http://localhost:8000", address)
			}
			request, err := http.NewRequestWithContext(cmd.Context(), http.MethodGet, strings.TrimSuffix(address, "/")+"/health", nil)
			if err != nil {
				return err
			}
			answer, err := (&http.Client{Timeout: timeout}).Do(request)
			if err != nil {
				return err
			}
			defer answer.Body.Close()
			body, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
			if err != nil {
				return err
			}
			if answer.StatusCode != http.StatusOK {
				return fmt.Errorf("%s answers %s: %s", address, answer.Status, strings.TrimSpace(string(body)))
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), json.RawMessage(body))
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s is well: %s\n", address, strings.TrimSpace(string(body)))
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&address, "url", "http://127.0.0.1:"+strconv.Itoa(s.Port), "`URL` of the server, without /health")
	f.DurationVar(&timeout, "timeout", 5*time.Second, "how long to wait for the answer")
	f.BoolVar(&asJSON, "json", false, "print the answer as JSON")
	return cmd
}
