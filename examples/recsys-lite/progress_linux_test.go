package main

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// terminal opens a pseudo-terminal: what is written to tty can be read from master.
func terminal(t *testing.T) (master, tty *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no pseudo-terminals here: ", err)
	}
	t.Cleanup(func() { master.Close() })
	require.NoError(t, unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0))
	n, err := unix.IoctlGetUint32(int(master.Fd()), unix.TIOCGPTN)
	require.NoError(t, err)
	tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo-terminals here: ", err)
	}
	require.NoError(t, unix.IoctlSetWinsize(int(tty.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 120}))
	return master, tty
}

// onTerminal runs the program with stderr on a terminal, interrupts it once something like want is
// shown there, and returns all that was.
func onTerminal(t *testing.T, want *regexp.Regexp, args ...string) (stdout, shown string) {
	t.Helper()
	master, tty := terminal(t)
	cmd := program(t, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, tty
	require.NoError(t, cmd.Start())
	require.NoError(t, tty.Close())
	stuck := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
	defer stuck.Stop()
	var text []byte
	for interrupted := false; ; {
		part := make([]byte, 4096)
		n, err := master.Read(part)
		text = append(text, part[:n]...)
		if err != nil { // EIO when the program ends
			break
		}
		if !interrupted && want.Match(text) {
			interrupted = true
			require.NoError(t, cmd.Process.Signal(os.Interrupt))
		}
	}
	_ = cmd.Wait()
	require.Contains(t, []int{0, exitInterrupted}, cmd.ProcessState.ExitCode(), string(text))
	return out.String(), string(text)
}

// On a terminal there is a bar with rate and time left, and it is gone in the end, which is Ctrl-C
// where that comes first.
func TestBars(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds, or there is no bar to see")
	}
	tasteShop(t)
	var b strings.Builder
	b.WriteString("user_id,item_id,ts,qty\n")
	for i := range 1_000_000 {
		fmt.Fprintf(&b, "user%d,item%d,%d,1\n", i%5000, i%701, 1_300_000_000+i)
	}
	write(t, "large.csv", b.String())
	for _, c := range []struct {
		args []string
		want string // a bar: stage, per cent, count, rate, time
	}{
		{[]string{"ingest", "--events", "large.csv", "--db", "large.db"}, `read +\d+% .*\(\d+(\.\d+)?/\d+ MB, \d+(\.\d+)? MB/s\) \[\d+s:\d+s\]`},
		{[]string{"train", "als", "--params", `{"iterations": 1000000, "factors": 32}`}, `fit +\d+% .*\(\d+/\d+, \d+ it/s\) \[\d+s:[\dhms]+\]`},
		{[]string{"optimize", "bpr", "--trials", "3", "--params", `{"iterations": 15000, "factors": 16}`, "--output", "o"}, `bpr trial [23] of 3, \d+s left: fit +\d+%`},
	} {
		want := regexp.MustCompile(c.want)
		stdout, shown := onTerminal(t, want, c.args...)
		require.Regexp(t, want, shown, "%v", c.args)
		require.NotContains(t, stdout, "\r", "results are no place for bars")
		last := shown[strings.LastIndex(shown, "\r")+1:]
		require.NotContains(t, last, "%", "the bar is gone")
	}
}
