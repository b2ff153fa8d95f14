package docs_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// pageTimeout bounds the commands of one page.
const pageTimeout = 4 * time.Minute

// Every shell block of the pages runs, in order, one shell for a page, in an empty directory with
// the program on the PATH and the shipped data under examples/. "sh if COMMAND" is left out where
// the command fails, and says so; every other block must succeed, command by command. Port 8000
// stands for one that is free.
func TestShellBlocks(t *testing.T) {
	if testing.Short() {
		t.Skip("the commands of the pages take a minute")
	}
	for _, tool := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("skipped: the pages' commands need %s", tool)
		}
	}
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	bin := t.TempDir()
	build := exec.Command("go", "build", "-o", bin, "../examples/recsys-lite")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	for _, page := range pages(t) {
		script := pageScript(t, page)
		if script == "" {
			continue
		}
		t.Run(page, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, os.Symlink(filepath.Join(root, "examples"), filepath.Join(dir, "examples")))
			require.NoError(t, os.Symlink(filepath.Join(root, "docker"), filepath.Join(dir, "docker")))
			run(t, dir, bin, script)
		})
	}
}

// pageScript is all of a page's shell blocks as one script; each command is shown with the line
// that it comes from.
func pageScript(t *testing.T, page string) string {
	var s strings.Builder
	for _, b := range blocks(t, page) {
		language, condition, _ := strings.Cut(b.info, " if ")
		if language != "sh" {
			continue
		}
		if condition != "" {
			if err := exec.Command("sh", "-c", condition).Run(); err != nil {
				t.Logf("%s:%d: skipped: %q fails here", page, b.line, condition)
				continue
			}
		}
		fmt.Fprintf(&s, "echo '--- %s:%d'\n%s", page, b.line, b.text)
	}
	return s.String()
}

func run(t *testing.T, dir, bin, script string) {
	t.Helper()
	script = strings.ReplaceAll(script, "8000", fmt.Sprint(freePort(t)))
	ctx, cancel := context.WithTimeout(t.Context(), pageTimeout)
	defer cancel()
	// What a page starts in the background is stopped by its id when the shell ends.
	cmd := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c",
		"trap 'for p in $(jobs -p); do kill $p 2>/dev/null || true; done; wait' EXIT\n"+script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "HOME="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	require.NoError(t, err)
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
