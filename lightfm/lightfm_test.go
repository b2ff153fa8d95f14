package lightfm_test

import (
	"encoding/json"
	"testing"

	"github.com/recsys-lite/recsys/lightfm"
	"github.com/recsys-lite/recsys/model/modeltest"
)

func TestConformance(t *testing.T) {
	for name, params := range map[string]string{
		"warp":     `{"no_components": 8}`,
		"bpr":      `{"loss": "bpr"}`,
		"logistic": `{"loss": "logistic"}`,
		"warp-kos": `{"loss": "warp-kos", "no_components": 8}`,
		"adadelta": `{"learning_schedule": "adadelta", "no_components": 8, "epochs": 60}`,
		"alpha":    `{"item_alpha": 1e-6, "user_alpha": 1e-6, "no_components": 8}`,
	} {
		t.Run(name, func(t *testing.T) {
			modeltest.Run(t, lightfm.Kind, modeltest.Options{Params: json.RawMessage(params)})
		})
	}
}
