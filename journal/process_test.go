//go:build unix

package journal_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/journal"
)

// The test binary is its own helper process: with this variable set it appends to a journal in
// the directory for ever, and prints the number of every event that was acknowledged.
const helperVar = "RECSYS_JOURNAL_TEST_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(helperVar); dir != "" {
		fmt.Println(helper(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func helper(dir string) error {
	j, err := journal.Open(dir, journal.Options{SealEvery: 3 * time.Millisecond, MaxSegment: 2000})
	if err != nil {
		return err
	}
	var mu sync.Mutex // print whole lines
	failed := make(chan error)
	for c := range 4 {
		go func() {
			for i := 0; ; i++ {
				first, err := j.Append(context.Background(), []recsys.Event{buy(fmt.Sprint(c), int64(i))})
				if err != nil {
					failed <- err
					return
				}
				mu.Lock()
				fmt.Println(first)
				mu.Unlock()
			}
		}()
	}
	return <-failed
}

// TestKilled kills a server at any moment: what it acknowledged is there once, and its open
// segment is recovered as soon as it is gone.
func TestKilled(t *testing.T) {
	for round := range 8 {
		dir := t.TempDir()
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), helperVar+"="+dir)
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		var acknowledged []int64
		lines := bufio.NewScanner(out)
		until := 1 + rand.IntN(300)
		for lines.Scan() {
			seq, err := strconv.ParseInt(lines.Text(), 10, 64)
			require.NoError(t, err, lines.Text())
			acknowledged = append(acknowledged, seq)
			if len(acknowledged) == until {
				require.NoError(t, cmd.Process.Kill()) // the rest of what it printed is read still
			}
		}
		_ = cmd.Wait() // reports the kill
		_, err = journal.Recover(t.Context(), dir)
		require.NoError(t, err)
		for _, name := range files(t, dir) {
			require.False(t, strings.HasSuffix(name, ".open"), name)
		}
		all := read(t, dir)
		require.Len(t, all, 1, "round %d", round)
		for _, events := range all {
			for _, seq := range acknowledged {
				require.Contains(t, events, seq)
			}
		}
	}
}
