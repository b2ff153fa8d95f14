package main

import (
	"fmt"

	"github.com/spf13/cobra"
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
	return func(_ *cobra.Command, args []string) error {
		if len(args) != len(names) {
			return usagef("want %d arguments %v, got %v", len(names), names, args)
		}
		return nil
	}
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
