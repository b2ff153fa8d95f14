package store

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/recsys-lite/recsys"
)

// ImportOptions says how to import a file. The zero value is what one normally wants.
type ImportOptions struct {
	// Force applies a file that was applied before once more.
	Force bool
	// Strict refuses the whole file when one row is bad, with an error that wraps ErrRejected.
	Strict bool
	// RejectsPath is where to write the bad rows as CSV (file, row, reason, value), if there
	// are any. Row 1 is the first row of data. Empty: they are counted only.
	RejectsPath string
	// Progress, if set, is told of the stages "read", "insert" and "commit". During "read" of a
	// CSV file Done and Total count bytes, otherwise rows; Total is 0 where it is unknown.
	Progress func(recsys.Progress)
}

func (o ImportOptions) report(stage string, done, total int64) {
	if o.Progress != nil {
		o.Progress(recsys.Progress{Stage: stage, Done: int(done), Total: int(total)})
	}
}

// ReasonForgotten is the reason, in [Report.Reasons], of rows whose user has a tombstone.
const ReasonForgotten = "the user was forgotten"

// Report says what an import did.
type Report struct {
	// File is the path as given, Hash the SHA-256 of its content in hexadecimal.
	File, Hash string
	// Read is the number of data rows; Inserted and Rejected add up to it.
	Read, Inserted, Rejected int64
	// Reasons counts the rejected rows by reason.
	Reasons map[string]int64
	// RejectsFile is where the rejected rows were written, if they were.
	RejectsFile string
	// IgnoredColumns are columns of an events file that have no place in the table.
	IgnoredColumns []string
	// AlreadyApplied: a file of this content was imported before, at AppliedAt, with these
	// counts; nothing was done. Otherwise AppliedAt is now.
	AlreadyApplied bool
	AppliedAt      time.Time
}

// String is one line for people.
func (r Report) String() string {
	if r.AlreadyApplied {
		return fmt.Sprintf("%s: already applied at %s (%d rows), nothing to do", r.File, r.AppliedAt.UTC().Format(time.RFC3339), r.Inserted)
	}
	s := fmt.Sprintf("%s: %d rows read, %d inserted, %d rejected", r.File, r.Read, r.Inserted, r.Rejected)
	if r.Rejected > 0 {
		s += " (" + countsText(r.Reasons) + ")"
	}
	if r.RejectsFile != "" {
		s += ", listed in " + r.RejectsFile
	}
	return s
}

func countsText(reasons map[string]int64) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(reasons)) {
		parts = append(parts, fmt.Sprintf("%s: %d", name, reasons[name]))
	}
	return strings.Join(parts, ", ")
}
