package modeltest_test

import (
	"testing"

	"github.com/recsys-lite/recsys/model/internal/cooccur"
	"github.com/recsys-lite/recsys/model/modeltest"
)

// The reference model keeps every law.
func TestReferenceModel(t *testing.T) {
	modeltest.Run(t, cooccur.Kind, modeltest.Options{})
}
