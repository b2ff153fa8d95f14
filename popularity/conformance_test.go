package popularity_test

import (
	"testing"

	"github.com/recsys-lite/recsys/model/modeltest"
	"github.com/recsys-lite/recsys/popularity"
)

const impersonal = "the ranking is the same for everybody"

func TestConformance(t *testing.T) {
	modeltest.Run(t, popularity.Kind, modeltest.Options{Skip: map[string]string{
		"checkerboard/known":    impersonal,
		"checkerboard/fold-in":  impersonal,
		"checkerboard/session":  impersonal,
		"checkerboard/basket":   impersonal,
		"partial/grow":          impersonal,
		"partial/change":        impersonal,
		"partial/parallel-rows": impersonal,
		"new-items/twin":        impersonal,
	}})
}
