package shop

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Asset returns an embedded file.
func Asset(t testing.TB, name string) []byte {
	data, err := static.ReadFile("static/" + name)
	require.NoError(t, err)
	return data
}
