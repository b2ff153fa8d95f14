package hybrid_test

import (
	"encoding/json"
	"testing"

	"github.com/recsys-lite/recsys/als"
	"github.com/recsys-lite/recsys/ease"
	"github.com/recsys-lite/recsys/hybrid"
	"github.com/recsys-lite/recsys/itemknn"
	"github.com/recsys-lite/recsys/model/modeltest"
	"github.com/recsys-lite/recsys/popularity"
	"github.com/recsys-lite/recsys/sessionknn"
)

var kind = hybrid.Kind(ease.Kind, als.Kind, itemknn.Kind, sessionknn.Kind, popularity.Kind)

func TestConformance(t *testing.T) {
	skip := map[string]string{
		"new-items/grow": "a member's scores are taken relative to its mean, which changes with the catalogue",
	}
	for name, params := range map[string]string{
		"learned": `{"members": [{"kind": "ease", "params": {"regularization": 2}}, {"kind": "als", "params": {"factors": 8, "iterations": 4}}]}`,
		"given ranks": `{"members": [{"kind": "itemknn", "weight": [1, 2]},
			{"kind": "popularity", "weight": 0.05}], "blend": "rank", "by_history": [5]}`,
	} {
		t.Run(name, func(t *testing.T) {
			modeltest.Run(t, kind, modeltest.Options{Params: json.RawMessage(params), Skip: skip})
		})
	}
}
