package httpapi_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/httpapi"
)

func TestNoEngine(t *testing.T) {
	_, err := httpapi.New(nil, httpapi.Options{})
	require.ErrorIs(t, err, recsys.ErrInvalidConfig)
}
