package eval

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
)

// A result that comes from a file has its metrics, but not the users that a comparison pairs.
func TestCompareStoredResults(t *testing.T) {
	_, err := Compare(t.Context(), new(Result), new(Result), 0, 0)
	require.ErrorIs(t, err, recsys.ErrInvalidData)
}
