package quickstart_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The README leads with the Example: the same lines, and the same output.
func TestREADMEShowsTheExample(t *testing.T) {
	source, err := os.ReadFile("example_test.go")
	require.NoError(t, err)
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(source), "func Example() {\n")
	require.True(t, found)
	body, rest, found := strings.Cut(rest, "\t// Output:\n")
	require.True(t, found)
	output, _, _ := strings.Cut(rest, "}")
	body = strings.ReplaceAll("\n"+body, "\n\t", "\n")
	output = strings.ReplaceAll(output, "\t// ", "")
	require.Contains(t, string(readme), "```go"+body+"```\n")
	require.Contains(t, string(readme), "```\n"+output+"```\n")
}
