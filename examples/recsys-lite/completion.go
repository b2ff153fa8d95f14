package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/eval"
	"github.com/recsys-lite/recsys/hybrid"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/model/builtin"
	"github.com/recsys-lite/recsys/tune"
)

func newCompletion() *cobra.Command {
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print a completion script for bash, zsh, fish or powershell",
		Long: `Print a script that makes the shell complete commands, flags, model kinds and the
directories that hold a model. That for bash needs the package bash-completion.`,
		Example: `  source <(recsys-lite completion bash)
  recsys-lite completion bash > /etc/bash_completion.d/recsys-lite
  recsys-lite completion zsh > "${fpath[1]}/_recsys-lite"
  recsys-lite completion fish > ~/.config/fish/completions/recsys-lite.fish`,
		Args:      exactly("SHELL"),
		ValidArgs: []string{"bash", "zsh", "fish", "powershell"},
		RunE: func(cmd *cobra.Command, args []string) error {
			root, out := cmd.Root(), cmd.OutOrStdout()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(out, true)
			case "zsh":
				return root.GenZshCompletion(out)
			case "fish":
				return root.GenFishCompletion(out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(out)
			}
			return usagef("there is no completion for %q: known are %s", args[0], strings.Join(cmd.ValidArgs, ", "))
		},
	}
}

// completions are what can be said of a flag's values, by the flag's name. They hold for every
// command that has the flag.
var completions = map[string]cobra.CompletionFunc{
	"model-dir":   completeModels,
	"output":      directories,
	"report":      directories,
	"rejects":     directories,
	"log-dir":     directories,
	"protocol":    choices(string(tune.Users), string(tune.NextItem)),
	"split":       choices("time", "last", "random"),
	"recall":      choices(string(eval.ByHeldOut), string(eval.ByReachable)),
	"weighting":   choices(string(recsys.Binary), string(recsys.Log1p), string(recsys.Linear)),
	"by":          choices(string(hybrid.Score), string(hybrid.Rank)),
	"index":       choices(indexKinds...),
	"role":        choices("read", "write", "admin"),
	"log-level":   choices("DEBUG", "INFO", "WARN", "ERROR"),
	"metric":      choices("ndcg@10", "ndcg@20", "recall@10", "recall@20", "hr@10", "hr@20", "mrr@10", "mrr@20", "map@10", "precision@10"),
	"params-file": files("json"),
	"events":      files("parquet", "csv"),
	"items":       files("csv", "parquet"),
	"train":       files("parquet", "csv"),
	"test":        files("parquet", "csv"),
	"db":          files("db", "duckdb"),
}

// complete gives the flags of a tree of commands what completions says of them.
func complete(cmd *cobra.Command) error {
	for name, f := range completions {
		if cmd.LocalFlags().Lookup(name) == nil {
			continue
		}
		if _, has := cmd.GetFlagCompletionFunc(name); has {
			continue
		}
		if err := cmd.RegisterFlagCompletionFunc(name, f); err != nil {
			return err
		}
	}
	for _, sub := range cmd.Commands() {
		if err := complete(sub); err != nil {
			return err
		}
	}
	return nil
}

func choices(all ...string) cobra.CompletionFunc {
	return cobra.FixedCompletions(all, cobra.ShellCompDirectiveNoFileComp)
}

func files(extensions ...string) cobra.CompletionFunc {
	return cobra.FixedCompletions(extensions, cobra.ShellCompDirectiveFilterFileExt)
}

func directories(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// completeKinds completes a KIND argument, and names besides.
func completeKinds(more ...string) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return append(kindNames(nil), more...), cobra.ShellCompDirectiveNoFileComp
	}
}

// kindNames lists the kinds with their summaries, without those that were named already.
func kindNames(given []string) []string {
	var names []string
	for _, k := range builtin.Kinds() {
		if !slices.Contains(given, k.Name) {
			names = append(names, cobra.CompletionWithDesc(k.Name, k.Summary))
		}
	}
	return names
}

// completeModels offers the directories that hold a model, at the level of what is typed and
// one below (model_artifacts/als), or else lets the shell complete directories.
func completeModels(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	found := modelDirs(typed)
	if len(found) == 0 {
		return nil, cobra.ShellCompDirectiveFilterDirs
	}
	return found, cobra.ShellCompDirectiveNoFileComp
}

// completeMembers completes DIR=WEIGHT.
func completeMembers(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	var out []string
	for _, dir := range modelDirs(typed) {
		out = append(out, dir+"=")
	}
	return out, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
}

func modelDirs(typed string) []string {
	var found []string
	for _, pattern := range []string{typed + "*", filepath.Join(typed+"*", "*")} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			return nil // what is typed is no pattern
		}
		for _, path := range paths {
			if info, err := os.Stat(path); err != nil || !info.IsDir() {
				continue
			}
			if _, err := model.Current(path); err == nil {
				found = append(found, path)
			}
		}
	}
	return found
}
