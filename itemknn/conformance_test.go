package itemknn_test

import (
	"encoding/json"
	"testing"

	"github.com/recsys-lite/recsys/itemknn"
	"github.com/recsys-lite/recsys/model/modeltest"
)

func TestConformance(t *testing.T) {
	for name, params := range map[string]string{
		"defaults": `{}`,
		"cosine":   `{"similarity": "cosine", "shrink": 0, "alpha": 0.4, "weighted": false}`,
		"bm25":     `{"similarity": "bm25", "normalize": false, "neighbours": 30}`,
	} {
		t.Run(name, func(t *testing.T) {
			modeltest.Run(t, itemknn.Kind, modeltest.Options{Params: json.RawMessage(params)})
		})
	}
}
