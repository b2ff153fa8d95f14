package gru4rec

import (
	"encoding/json"
	"testing"

	"github.com/recsys-lite/recsys/model/modeltest"
)

// On the suite's board every user walks the same round: all that can be learnt is which item
// follows which, and nothing says that items of a colour go together. What needs that is
// tested on shuffled sessions in TestWhatGoesTogether.
func TestConformance(t *testing.T) {
	const round = "the board teaches what follows an item, not what goes with it"
	skip := map[string]string{
		"checkerboard/basket": round, "similar/colour": round, "new-items/twin": round,
		"partial/change": round, "partial/parallel-rows": round,
	}
	for name, params := range map[string]string{
		"shared":   `{"hidden_size":16,"n_sample":32,"batch_size":16,"n_epochs":8,"embedding_dropout":0.2}`,
		"one-hot":  `{"hidden_size":16,"n_sample":0,"batch_size":16,"n_epochs":8,"embedding_dropout":0,"constrained_embedding":false,"loss":"cross-entropy","logq":0}`,
		"separate": `{"hidden_size":16,"n_sample":32,"batch_size":16,"n_epochs":12,"embedding_dropout":0,"constrained_embedding":false,"embedding":12}`,
	} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && name != "shared" {
				t.Skip("the other ways to feed items take seconds")
			}
			modeltest.Run(t, Kind, modeltest.Options{Params: json.RawMessage(params), Skip: skip})
		})
	}
}
