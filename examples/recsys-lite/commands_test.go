package main

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"
)

// TestMain lets the test binary be the program, for tests of signals and of crashes: see program.
func TestMain(m *testing.M) {
	if os.Getenv("RECSYS_LITE_PROGRAM") == "1" {
		main()
	}
	os.Exit(m.Run())
}

// program is the program as a process of its own, not yet started.
func program(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), "RECSYS_LITE_PROGRAM=1")
	return cmd
}

func tree(t testing.TB) *cobra.Command {
	t.Helper()
	s, err := loadSettings()
	require.NoError(t, err)
	root, err := newRoot(s)
	require.NoError(t, err)
	return root
}

// walk visits every command, the root too; topics are not commands.
func walk(cmd *cobra.Command, visit func(*cobra.Command)) {
	if !cmd.IsAdditionalHelpTopicCommand() {
		visit(cmd)
	}
	for _, sub := range cmd.Commands() {
		walk(sub, visit)
	}
}

// noResult are the commands that print no result, and so have no --json.
var noResult = map[string]bool{
	"recsys-lite help":                  true, // text for people
	"recsys-lite completion":            true, // a script
	"recsys-lite serve":                 true, // runs until it is stopped, and logs
	"recsys-lite demo":                  true, // the same, with pages to look at
	"recsys-lite stream-ingest":         true, // the same
	"recsys-lite queue-ingest rabbitmq": true, // the same
	"recsys-lite queue-ingest kafka":    true, // the same
}

// zeroMeaning is how a description says what the zero value of a flag does.
var zeroMeaning = regexp.MustCompile(`\b0\b|\bempty\b|required|when not|none\b|default`)

// units are words that say what a number counts.
var units = regexp.MustCompile(`(?i)\b(number|share|seconds?|minutes?|bytes|MB|items?|users?|events?|requests|answers|port|seed|weight|cut-offs|resamples|versions?|sessions?|days|percent|rank|threads|trials|first N|list .N. )`)

// Every command is documented: a new one fails here until its help is complete.
func TestEveryCommandIsDocumented(t *testing.T) {
	walk(tree(t), func(cmd *cobra.Command) {
		path := cmd.CommandPath()
		fault := func(format string, args ...any) {
			t.Helper()
			t.Errorf("'%s': "+format, append([]any{path}, args...)...)
		}
		if cmd.Short == "" || strings.HasSuffix(cmd.Short, ".") || len(cmd.Short) > 75 || strings.ToUpper(cmd.Short[:1]) != cmd.Short[:1] {
			fault("Short is %q: want one line of at most 75 characters, with a capital and without a full stop", cmd.Short)
		}
		if len(cmd.Long) < 40 {
			fault("Long is %q: want a few sentences on what it reads, writes and refuses", cmd.Long)
		}
		for line := range strings.Lines(cmd.Long) {
			if len([]rune(line)) > 120 {
				fault("Long has a line of %d characters, break it before 120: %q", len(line), line)
			}
		}
		if !strings.Contains(cmd.Example, "  recsys-lite") || !strings.Contains(cmd.Example, strings.TrimPrefix(path, "recsys-lite ")) {
			fault("Example is %q: want at least one whole command line, indented by two spaces", cmd.Example)
		}
		if cmd.Flags().Lookup("json") == nil && !noResult[path] && !cmd.HasSubCommands() {
			fault("it has no --json: add the flag (and a line to jsonCases in json_test.go), or add it to noResult in commands_test.go if it prints no result")
		}
		cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) { checkFlag(f, fault) })
		cmd.PersistentFlags().VisitAll(func(f *pflag.Flag) { checkFlag(f, fault) })
	})
}

func checkFlag(f *pflag.Flag, fault func(string, ...any)) {
	if len(f.Usage) < 10 || strings.HasSuffix(f.Usage, ".") {
		fault("--%s: its description is %q: want a phrase without a full stop", f.Name, f.Usage)
	}
	required := f.Annotations[cobra.BashCompOneRequiredFlag] != nil
	switch f.Value.Type() {
	case "int", "int64", "uint64", "float64", "intSlice":
		if !units.MatchString(f.Usage) {
			fault("--%s: its description %q does not say what the number counts (seconds, bytes, share, number of …; units in commands_test.go)", f.Name, f.Usage)
		}
		if f.DefValue == "0" && !required && !zeroMeaning.MatchString(f.Usage) {
			fault("--%s: its description %q does not say what 0, its default, means", f.Name, f.Usage)
		}
	case "duration":
		if f.DefValue == "0s" && !required && !zeroMeaning.MatchString(f.Usage) {
			fault("--%s: its description %q does not say what 0, its default, means", f.Name, f.Usage)
		}
	case "string":
		if f.DefValue == "" && !required && !zeroMeaning.MatchString(f.Usage) && !strings.Contains(f.Usage, "`") {
			fault("--%s: its description %q neither names the value (`FILE`) nor says what it means when empty", f.Name, f.Usage)
		}
	}
}

// Whatever cannot be meant is a usage error, in every command.
func TestUsageErrorsOfEveryCommand(t *testing.T) {
	t.Chdir(t.TempDir())
	walk(tree(t), func(cmd *cobra.Command) {
		words := strings.Fields(cmd.CommandPath())[1:]
		code, stdout, stderr := recsysLite(t, append(words, "--no-such-flag")...)
		require.Equal(t, exitUsage, code, "%v", words)
		require.Contains(t, stderr, "no-such-flag")
		require.Empty(t, stdout)
		if cmd.HasSubCommands() {
			code, _, stderr = recsysLite(t, append(words, "no-such-command")...)
			require.Equal(t, exitUsage, code, "%v\n%s", words, stderr)
			require.Contains(t, stderr, "no-such-command")
			require.Contains(t, succeeds(t, words...), "COMMANDS", "the head of a group prints its help")
		}
		if err := cmd.Args(cmd, strings.Fields("a b c d e f g h")); err != nil {
			require.True(t, errors.As(err, new(usageError)), "'%s': %v", cmd.CommandPath(), err)
		}
		out := succeeds(t, append(words, "--help")...)
		for _, section := range []string{"NAME", "SYNOPSIS", "DESCRIPTION", "EXAMPLES", "EXIT STATUS"} {
			require.Contains(t, out, section, "%v", words)
		}
	})
}

func TestHelpTopics(t *testing.T) {
	t.Chdir(t.TempDir())
	out := succeeds(t, "help", "exit-codes")
	for _, code := range []string{"\n    0  ", "\n    1  ", "\n    2  ", "\n    130  "} {
		require.Contains(t, out, code)
	}
	require.Contains(t, succeeds(t, "help", "environment"), "MODEL_TYPE")
	require.Contains(t, succeeds(t, "help", "train"), "recsys-lite train KIND")
	code, _, stderr := recsysLite(t, "help", "trian")
	require.Equal(t, exitUsage, code)
	require.Contains(t, stderr, `did you mean "train"`)
}

func TestCompletion(t *testing.T) {
	shop(t)
	succeeds(t, "train", "popularity", "--output", "models/popular")
	require.NoError(t, os.Mkdir("models/empty", 0o755))
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		require.Contains(t, succeeds(t, "completion", shell), "recsys-lite")
	}
	code, _, _ := recsysLite(t, "completion", "csh")
	require.Equal(t, exitUsage, code)
	for _, c := range []struct {
		args []string
		want string
		not  string
	}{
		{[]string{"train", ""}, "als\t", "auto\t"},
		{[]string{"optimize", ""}, "auto\t", "models"},
		{[]string{"recommend", "--model-dir", ""}, "models/popular\n", "models/empty"},
		{[]string{"recommend", "--model-dir", "models/p"}, "models/popular\n", "models/empty"},
		{[]string{"blend", "models/"}, "models/popular=\n", "models/empty"},
		{[]string{"evaluate", "--protocol", ""}, "next-item\n", "als"},
		{[]string{"ingest", "--events", ""}, "parquet\n", "als"},
		{[]string{"help", "tr"}, "train\t", "als"},
		{[]string{"help", ""}, "train\t", "__complete"},
		{[]string{"train", "als", "--index", ""}, "hnsw\n", "als"},
		{[]string{"keys", "new", "--role", ""}, "admin\n", "als"},
		{[]string{"models", "promote", "--model-dir", "models/popular", ""}, "popularity-2", "models"},
		{[]string{"gdpr", "export-user", "--output", ""}, "json\n", "models"},
	} {
		out := succeeds(t, append([]string{"__complete"}, c.args...)...)
		require.Contains(t, out, c.want, "%v", c.args)
		require.NotContains(t, out, c.not, "%v", c.args)
	}
}

// A signal ends a command with 130 and what is done is kept; here a search in a process of its own.
func TestInterruptedBySignal(t *testing.T) {
	tasteShop(t)
	cmd := program(t, "optimize", "als", "--trials", "100000", "--output", "o")
	stderr, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	stuck := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
	defer stuck.Stop()
	var told strings.Builder
	buffer := make([]byte, 4096)
	for !strings.Contains(told.String(), "trial 1:") {
		n, err := stderr.Read(buffer)
		told.Write(buffer[:n])
		require.NoError(t, err, told.String())
	}
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	rest, err := io.ReadAll(stderr)
	require.NoError(t, err)
	var exit *exec.ExitError
	require.ErrorAs(t, cmd.Wait(), &exit)
	require.Equal(t, exitInterrupted, exit.ExitCode(), "%s%s", told.String(), rest)
	require.Contains(t, string(rest), "kept in")
	require.Contains(t, string(rest), "interrupted")
	require.NotContains(t, told.String(), "\r", "no bar where there is no terminal")
}
