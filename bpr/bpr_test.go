package bpr_test

import (
	"testing"

	"github.com/recsys-lite/recsys/bpr"
	"github.com/recsys-lite/recsys/model/modeltest"
)

func TestConformance(t *testing.T) {
	modeltest.Run(t, bpr.Kind, modeltest.Options{})
}
