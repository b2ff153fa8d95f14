package docs_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// block is a fenced block of a page.
type block struct {
	info string // what stands behind the opening fence: "sh", "go", …
	text string
	line int // of the opening fence
}

func pages(t *testing.T) []string {
	t.Helper()
	pages, err := filepath.Glob("*.md")
	require.NoError(t, err)
	require.NotEmpty(t, pages)
	return pages
}

func blocks(t *testing.T, page string) []block {
	t.Helper()
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	var found []block
	inside := false
	for n, line := range strings.Split(string(text), "\n") {
		switch {
		case !inside && strings.HasPrefix(line, "```"):
			inside = true
			found = append(found, block{info: strings.TrimPrefix(line, "```"), line: n + 1})
		case inside && line == "```":
			inside = false
		case inside:
			found[len(found)-1].text += line + "\n"
		}
	}
	require.False(t, inside, "%s: the last block has no end", page)
	return found
}

// Every Go block of the pages is part of an Example that is compiled and run.
func TestGoBlocks(t *testing.T) {
	sources, err := filepath.Glob("../examples/*/*_test.go")
	require.NoError(t, err)
	var code strings.Builder
	for _, path := range sources {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		code.WriteString(outdented(string(text)))
	}
	for _, page := range pages(t) {
		for _, b := range blocks(t, page) {
			if b.info == "go" && !strings.Contains(code.String(), outdented(b.text)) {
				t.Errorf("%s:%d: this block is not in any example under examples/*/*_test.go:\n%s", page, b.line, b.text)
			}
		}
	}
}

// outdented has no indentation: a block may be the body of a function.
func outdented(text string) string {
	lines := strings.Split(text, "\n")
	for n, line := range lines {
		lines[n] = strings.TrimLeft(line, "\t")
	}
	return strings.Join(lines, "\n")
}

// Every block says what it is.
func TestBlocksAreNamed(t *testing.T) {
	for _, page := range pages(t) {
		for _, b := range blocks(t, page) {
			language, _, _ := strings.Cut(b.info, " ")
			switch language {
			case "sh", "go", "json", "js", "jsx", "html", "css", "yaml", "ini", "csv", "text":
			default:
				t.Errorf("%s:%d: block of %q", page, b.line, b.info)
			}
		}
	}
}

// Every link to a file of this repository leads to one.
func TestLinks(t *testing.T) {
	for _, page := range append(pages(t), "../README.md") {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, part := range strings.Split(string(text), "](")[1:] {
			target, _, _ := strings.Cut(part, ")")
			target, _, _ = strings.Cut(target, "#")
			if target == "" || strings.Contains(target, "://") {
				continue
			}
			_, err := os.Stat(filepath.Join(filepath.Dir(page), target))
			require.NoError(t, err, "%s links to %s", page, target)
		}
	}
}
