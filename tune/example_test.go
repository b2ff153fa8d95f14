package tune_test

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/tune"
)

func Example() {
	s, err := tune.New(tune.Options{Space: []model.Param{{Name: "x", Low: 0.01, High: 100, Log: true}}, Seed: 1})
	if err != nil {
		panic(err)
	}
	// Any function of the parameters will do; tune.Fitting measures models.
	measure := func(_ context.Context, params json.RawMessage, _ int) (tune.Outcome, error) {
		p := struct{ X float64 }{X: 50}
		if err := json.Unmarshal(params, &p); err != nil {
			return tune.Outcome{}, err
		}
		return tune.Outcome{Value: -(p.X - 2) * (p.X - 2)}, nil
	}
	if err := s.Run(context.Background(), 30, measure, nil); err != nil {
		panic(err)
	}
	best, err := s.Best()
	if err != nil {
		panic(err)
	}
	fmt.Println(best.Value() > -0.01)
	// Output: true
}
