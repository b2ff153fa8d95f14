package main

import (
	"reflect"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"
)

// What cannot be meant is said in the words of the command line and of the environment, not in
// those of Go's parsers and fields.
func TestUsageErrorsInTheWordsOfTheUser(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range []struct {
		args string
		want string
	}{
		{"train als --seed abc", `--seed is "abc", it must be a whole number that is not negative`},
		{"serve --port abc", `--port is "abc", it must be a whole number`},
		{"serve --timeout 5", `--timeout is "5", it must be a time with its unit, such as 5s`},
		{"serve --fallback=perhaps", `--fallback is "perhaps", it must be true or false`},
		{"evaluate als --ks ten", `--ks is "ten", it must be whole numbers with commas`},
		{"serve --port 99999", "--port is 99999"},
		{"serve --min-buyers 0", "--min-buyers is 0"},
		{"serve --rate-limit -1", "--rate-limit is -1"},
		{"train", "'recsys-lite train' wants KIND, got nothing"},
		{"train als ease", "'recsys-lite train' wants KIND, got als ease"},
		{"ingest x", "'recsys-lite ingest' takes no arguments"},
		{"train als --factors 3", "Run 'recsys-lite help train'."},
		{"gdpr delete-user", "Run 'recsys-lite help gdpr delete-user'."},
		{"dance", "Run 'recsys-lite help'."},
		{"help dance", "Run 'recsys-lite help'."},
	} {
		code, _, stderr := recsysLite(t, strings.Fields(c.args)...)
		require.Equal(t, exitUsage, code, "%v\n%s", c.args, stderr)
		require.Contains(t, stderr, c.want, c.args)
		require.NotContains(t, stderr, "strconv")
	}

	t.Setenv("API_PORT", "abc")
	t.Setenv("REQUEST_TIMEOUT", "5")
	t.Setenv("FAISS_USE_THREADS", "yes")
	code, _, stderr := recsysLite(t, "version")
	require.Equal(t, exitUsage, code)
	for _, want := range []string{`API_PORT is "abc", it must be a whole number`, `REQUEST_TIMEOUT is "5", it must be a time with its unit`, `FAISS_USE_THREADS is "yes", it must be true or false`} {
		require.Contains(t, stderr, want)
	}
}

// Windows' editors begin a file with a mark of its encoding.
func TestDotEnvOfWindows(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, ".env", "\ufeffMODEL_TYPE=ease\r\nLOG_LEVEL=WARN\r\n")
	s, err := loadSettings()
	require.NoError(t, err)
	require.Equal(t, "model_artifacts/ease", s.ModelDir)
	require.Equal(t, "WARN", s.LogLevel)
}

func TestVersionFlag(t *testing.T) {
	t.Chdir(t.TempDir())
	require.Equal(t, "recsys-lite "+version+"\n", succeeds(t, "--version"))
	for line := range strings.Lines(succeeds(t, "version")) {
		require.Equal(t, strings.TrimRight(line, " \n"), strings.TrimSuffix(line, "\n"), "no blanks at the end")
	}
}

// Every variable is named by its flag, or else in the topic, and never in both.
func TestEveryVariableIsDocumentedOnce(t *testing.T) {
	t.Chdir(t.TempDir())
	flags := new(strings.Builder)
	walk(tree(t), func(cmd *cobra.Command) {
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) { flags.WriteString(f.Usage) })
	})
	topic := succeeds(t, "help", "environment")
	for field := range reflect.TypeFor[settings]().Fields() {
		name := field.Tag.Get("env")
		byFlag, byTopic := strings.Contains(flags.String(), "[$"+name+"]"), strings.Contains(topic, "\n    "+name+" ")
		require.NotEqual(t, byFlag, byTopic, "%s: by its flag %t, in the topic %t", name, byFlag, byTopic)
	}
}
