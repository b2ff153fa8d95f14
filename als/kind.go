package als

import (
	"encoding/json"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
)

// Kind makes, loads and tunes ALS models.
var Kind = model.Kind{
	Name:    "als",
	Summary: "matrix factorisation by alternating least squares (iALS); fast, strong, folds anyone in",
	New: func(params json.RawMessage, run recsys.Run) (model.Model, error) {
		return newFromParams(params, run)
	},
	Load: func(s model.State, run recsys.Run) (model.Model, error) {
		return load(s, run)
	},
	Space: []model.Param{
		{Name: "factors", Low: 16, High: 256, Log: true, Int: true},
		{Name: "regularization", Low: 5e-4, High: 5e-2, Log: true},
		{Name: "alpha", Low: 1, High: 333, Log: true},
	},
}

func newFromParams(params json.RawMessage, run recsys.Run) (*Model, error) {
	cfg := DefaultConfig()
	if err := model.DecodeParams("als", params, &cfg); err != nil {
		return nil, err
	}
	cfg.Run = run
	return New(cfg)
}
