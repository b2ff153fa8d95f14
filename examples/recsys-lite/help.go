package main

import (
	"fmt"
	"strings"
	"text/template"

	"github.com/spf13/cobra"
)

// manual lays help out as a manual page does.
var manual = template.Must(template.New("manual").Funcs(template.FuncMap{
	"indent": indent,
	"pad":    func(s string, n int) string { return fmt.Sprintf("%-*s", n, s) },
	"trim":   func(s string) string { return strings.TrimRight(s, " \n") },
}).Parse(`NAME
  {{.CommandPath}} - {{.Short}}
{{if or .Runnable .HasSubCommands}}
SYNOPSIS
  {{if .HasAvailableSubCommands}}{{.CommandPath}} COMMAND{{else}}{{.UseLine}}{{end}}
{{end}}{{with .Long}}
DESCRIPTION
{{indent .}}
{{end}}{{if .HasAvailableSubCommands}}
COMMANDS
{{range .Commands}}{{if .IsAvailableCommand}}  {{pad .Name .NamePadding}} {{.Short}}
{{end}}{{end}}{{end}}{{if and .Runnable .HasAvailableLocalFlags}}
OPTIONS
{{.LocalFlags.FlagUsagesWrapped 100 | trim}}
{{end}}{{if .HasAvailableInheritedFlags}}
OPTIONS OF ALL COMMANDS
{{.InheritedFlags.FlagUsagesWrapped 100 | trim}}
{{end}}{{if .HasExample}}
EXAMPLES
{{.Example}}
{{end}}{{if .HasHelpSubCommands}}
MORE HELP
{{range .Commands}}{{if .IsAdditionalHelpTopicCommand}}  {{pad .CommandPath .CommandPathPadding}} {{.Short}}
{{end}}{{end}}{{end}}{{if .Runnable}}
EXIT STATUS
  0 success, 1 failure, 2 usage, 3 a check found something, 4 no data, 130 interrupted
  ('recsys-lite help exit-codes').
{{end}}`))

func printManual(cmd *cobra.Command, _ []string) {
	if err := manual.Execute(cmd.OutOrStdout(), cmd); err != nil {
		cmd.PrintErrln("recsys-lite:", err)
	}
}

func indent(text string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.Trim(text, "\n")) {
		if strings.TrimSpace(line) != "" {
			b.WriteString("  ")
		}
		b.WriteString(line)
	}
	return b.String()
}

// newHelp is cobra's help command, except that a topic that is not there is a usage error.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND...]",
		Short: "Show the manual of a command or a topic",
		Long: `Show the manual of a command, such as 'help train', or of a topic: 'help exit-codes',
'help environment'. 'COMMAND --help' shows the same.`,
		Example: `  recsys-lite help train
  recsys-lite help exit-codes`,
		Args: cobra.ArbitraryArgs,
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			at, _, err := cmd.Root().Find(args)
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var names []string
			for _, sub := range at.Commands() {
				if !sub.IsAvailableCommand() && !sub.IsAdditionalHelpTopicCommand() {
					continue
				}
				names = append(names, cobra.CompletionWithDesc(sub.Name(), sub.Short))
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			at := cmd.Root()
			for _, name := range args {
				var next *cobra.Command
				for _, sub := range at.Commands() {
					if sub.Name() == name || sub.HasAlias(name) {
						next = sub
					}
				}
				if next == nil {
					return unknownCommand(at, name)
				}
				at = next
			}
			at.InitDefaultHelpFlag()
			return at.Help()
		},
	}
}

// topics are help without a command behind it.
func topics() []*cobra.Command {
	return []*cobra.Command{
		{
			Use:   "exit-codes",
			Short: "What the exit codes mean",
			Long: `  0    The command did what was asked.
  1    It failed: a file that cannot be read, a database that stays locked, an unknown
       user, data that a model cannot be fitted on. The last line on stderr names the
       thing, its value and the way out. Nothing is published half done.
  2    The command line or a setting cannot be meant: an unknown command, flag or
       parameter, a value out of range, a missing argument, a variable of the
       environment or of .env that is no number. Nothing was begun.
  3    A check found what it was to find: 'gdpr verify' the id of a user, or a log or a receipt
       that was changed; 'doctor' a fault. So scripts can tell that from a failed check.
  4    Nothing is kept of the user that was asked for.
  130  Interrupted by Ctrl-C or SIGTERM. What was finished before is kept: a search goes
       on from its last trial, and an import left no half of a file. A server or a worker
       that is told to stop finishes what is under way and exits with 0. A second signal
       ends the program at once.

Results go to stdout, everything else (progress, logs, errors) to stderr, so that
'--json' can be piped. Progress is shown on a terminal only.`,
		},
		{
			Use:   "environment",
			Short: "Which variables are read, and from where",
			Long: `Flags beat environment variables, which beat a .env file in the working directory. Each
flag that has a variable names it in brackets, such as [$DB_PATH].

Variables without a flag:
  MODEL_TYPE         chooses model_artifacts/$MODEL_TYPE when MODEL_DIR is not set (als)
  API_KEYS           keys of serve, as 'keys new' prints their lines
  RABBITMQ_PASSWORD  password of queue-ingest rabbitmq (guest)
  KAFKA_PASSWORD     password of queue-ingest kafka
  FAISS_NLIST        clusters of an ivf, which 'train --index auto' builds then (measured)
  FAISS_NPROBE       clusters of an ivf that a query scans (measured)
  FAISS_USE_THREADS  true shares a query to an ivf among THREADS (false)`,
		},
	}
}
