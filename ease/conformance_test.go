package ease_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/recsys-lite/recsys/ease"
	"github.com/recsys-lite/recsys/model/modeltest"
)

func TestConformance(t *testing.T) {
	for _, method := range []ease.Method{ease.Auto, ease.Dual, ease.Sparse} {
		t.Run(string(method), func(t *testing.T) {
			o := modeltest.Options{Params: json.RawMessage(fmt.Sprintf(`{"regularization": 2, "method": %q}`, method))}
			if method != ease.Sparse {
				o.Skip = map[string]string{
					"new-items/grow": "a new item takes over a part of the known items' weights, as in a fit with it",
				}
			}
			modeltest.Run(t, ease.Kind, o)
		})
	}
}
