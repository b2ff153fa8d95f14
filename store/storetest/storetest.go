// Package storetest is the conformance suite of recsys.Store: every store runs it.
package storetest

import (
	"testing"

	"github.com/recsys-lite/recsys"
)

// Run checks the stores that open returns, each new and empty, against the contract. reference
// returns another, trusted store, whose datasets must be equal to the last bit; nil leaves
// those checks out.
func Run(t *testing.T, open, reference func(t *testing.T) recsys.Store) {
	t.Run("Empty", func(t *testing.T) { testEmpty(t, open(t)) })
	t.Run("Events", func(t *testing.T) { testEvents(t, open(t)) })
	t.Run("Invalid", func(t *testing.T) { testInvalid(t, open(t)) })
	t.Run("Items", func(t *testing.T) { testItems(t, open(t)) })
	t.Run("Dataset", func(t *testing.T) { testDataset(t, open(t)) })
	t.Run("Returns", func(t *testing.T) { testReturns(t, open(t)) })
	t.Run("Types", func(t *testing.T) { testTypes(t, open(t)) })
	t.Run("HalfLife", func(t *testing.T) { testHalfLife(t, open(t)) })
	t.Run("Window", func(t *testing.T) { testWindow(t, open(t)) })
	t.Run("Sample", func(t *testing.T) { testSample(t, open(t)) })
	t.Run("Users", func(t *testing.T) { testUsers(t, open(t)) })
	t.Run("Sequences", func(t *testing.T) { testSequences(t, open(t)) })
	t.Run("Features", func(t *testing.T) { testFeatures(t, open(t)) })
	t.Run("Ids", func(t *testing.T) { testIDs(t, open(t)) })
	t.Run("Concurrent", func(t *testing.T) { testConcurrent(t, open(t)) })
	t.Run("Cancel", func(t *testing.T) { testCancel(t, open(t)) })
	t.Run("Closed", func(t *testing.T) { testClosed(t, open(t)) })
	if reference != nil {
		t.Run("SameAsReference", func(t *testing.T) { testSame(t, open, reference) })
	}
}
