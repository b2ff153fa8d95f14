// Command recsys-lite is the documented system as one program: it imports events, trains,
// evaluates and serves recommenders. It is an example of wiring the library, and has no
// logic of its own that another program would want to import.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// Exit codes, as `recsys-lite help exit-codes` documents them.
const (
	exitFailure     = 1
	exitUsage       = 2
	exitFound       = 3
	exitNoData      = 4
	exitInterrupted = 130
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// After the first signal, the default action is back: a second one ends the program at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run executes one command line and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	s, err := loadSettings()
	if err != nil {
		fmt.Fprintln(stderr, "recsys-lite:", err)
		return exitUsage
	}
	root, err := newRoot(s)
	if err != nil {
		fmt.Fprintln(stderr, "recsys-lite:", err)
		return exitFailure
	}
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	var usage usageError
	var coded exitError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		fmt.Fprintln(stderr, "recsys-lite: interrupted")
		return exitInterrupted
	case errors.As(err, &coded):
		fmt.Fprintln(stderr, "recsys-lite:", err)
		return coded.code
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "recsys-lite: %v\nRun '%s'.\n", err, manualOf(cmd))
		return exitUsage
	}
	fmt.Fprintln(stderr, "recsys-lite:", err)
	return exitFailure
}

// newRoot is the tree of all commands.
func newRoot(s settings) (*cobra.Command, error) {
	root := &cobra.Command{
		Use:   "recsys-lite",
		Short: "Recommendations for small shops",
		Long: `Recommendations for small shops: import events, train a model, serve it.

Flags beat environment variables, which beat a .env file in the working directory.
Every command that prints results takes --json. Exit codes: 0 success, 1 failure, 2 usage,
3 a check found something, 4 nothing is kept of that user, 130 interrupted.`,
		Example: `  recsys-lite ingest --events data/events.parquet --items data/items.csv --db data/recsys.db
  recsys-lite train als --db data/recsys.db --output model_artifacts/als
  recsys-lite recommend --model-dir model_artifacts/als --user-id 12347
  recsys-lite serve --model-dir model_artifacts/als --port 8000`,
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{flagError(err)} })
	root.SetVersionTemplate("recsys-lite {{.Version}}\n")
	root.SetHelpFunc(printManual)
	root.SetHelpCommand(newHelp())
	root.CompletionOptions.DisableDefaultCmd = true // newCompletion has its place
	root.AddCommand(newIngest(s), newTrain(s), newOptimize(s), newEvaluate(s), newBlend(s), newRecommend(s), newSimilar(s), newServe(s), newDemo(s), newWorker(s), newStreamIngest(s), newQueueIngest(s), newModels(s), newKeys(), newVersion(), newCompletion())
	root.AddCommand(newGDPR(s), newConfigure(s), newBackup(s), newRestore(s), newDoctor(s), newHealth(s))
	root.AddCommand(topics()...)
	root.InitDefaultHelpCmd()
	strict(root)
	return root, complete(root)
}
