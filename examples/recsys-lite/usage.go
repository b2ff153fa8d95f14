package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// usageError is a command line that cannot be meant.
type usageError struct{ error }

func (u usageError) Unwrap() error { return u.error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// exitError is an error with an exit code of its own.
type exitError struct {
	code int
	error
}

func (e exitError) Unwrap() error { return e.error }

// exactly is cobra.ExactArgs with the arguments' names.
func exactly(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) == len(names):
			return nil
		case len(names) == 0:
			return usagef("'%s' takes no arguments, got %v", cmd.CommandPath(), args)
		}
		got := "got nothing"
		if len(args) > 0 {
			got = "got " + strings.Join(args, " ")
		}
		return usagef("'%s' wants %s, %s", cmd.CommandPath(), strings.Join(names, " "), got)
	}
}

// flagError says what a flag's value must be without the words of Go's parsers.
func flagError(err error) error {
	var bad *pflag.InvalidValueError
	if errors.As(err, &bad) {
		f := bad.GetFlag()
		return fmt.Errorf("--%s is %q, it must be %s", f.Name, bad.GetValue(), form(f.Value.Type()))
	}
	return err
}

// manualOf is the command line that shows a command's manual.
func manualOf(cmd *cobra.Command) string {
	program, path, _ := strings.Cut(cmd.CommandPath(), " ")
	if path == "" || path == "help" {
		return program + " help"
	}
	return program + " help " + path
}

// strict makes a tree of commands refuse, with the exit code of a usage error, arguments that
// nobody asked for, commands that are not there, and missing or contradictory flags. A command
// without a RunE, the head of a group, prints its help.
func strict(cmd *cobra.Command) {
	if cmd.HasSubCommands() && cmd.RunE == nil {
		cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
	given := cmd.Args
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		switch {
		case cmd.HasSubCommands() && len(args) > 0:
			return unknownCommand(cmd, args[0])
		case given != nil:
			if err := given(cmd, args); err != nil {
				return usageError{err}
			}
		case len(args) > 0:
			return usagef("'%s' takes no arguments, got %v", cmd.CommandPath(), args)
		}
		for _, check := range []func() error{cmd.ValidateRequiredFlags, cmd.ValidateFlagGroups} {
			if err := check(); err != nil {
				return usageError{err}
			}
		}
		return nil
	}
	for _, sub := range cmd.Commands() {
		strict(sub)
	}
}

func unknownCommand(parent *cobra.Command, name string) error {
	parent.SuggestionsMinimumDistance = 2 // letters to change
	if near := parent.SuggestionsFor(name); len(near) > 0 {
		return usagef("there is no command %q under '%s': did you mean %q?", name, parent.CommandPath(), near[0])
	}
	return usagef("there is no command %q under '%s'", name, parent.CommandPath())
}

// without refuses flags that were given although nothing would look at them; why says what is
// missing.
func without(cmd *cobra.Command, why string, flags ...string) error {
	for _, name := range flags {
		if cmd.Flags().Changed(name) {
			return usagef("--%s %s", name, why)
		}
	}
	return nil
}
