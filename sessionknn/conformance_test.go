package sessionknn

import (
	"testing"

	"github.com/recsys-lite/recsys/model/modeltest"
)

func TestConformance(t *testing.T) {
	modeltest.Run(t, Kind, modeltest.Options{Skip: map[string]string{
		"partial/change": "an event that a user takes back no longer speaks for others",
	}})
}
