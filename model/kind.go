// Package model keeps fitted models: it defines what an algorithm must give to be stored, the
// artifact directory it is stored in, and the pointer to the current one. It knows no
// algorithm; a program passes the kinds it wants to Open.
package model

import (
	"encoding/json"

	"github.com/recsys-lite/recsys"
)

// Model is a recommender that can be stored.
type Model interface {
	recsys.Model
	// State returns all that Load needs to restore the model. The tensors share the model's
	// memory and are read-only; a later fit does not change them.
	State() (State, error)
}

// State is a model as hyper-parameters and named arrays.
type State struct {
	// Params is the configuration in JSON, complete, as Kind.New takes it.
	Params  json.RawMessage
	Tensors []Tensor
}

// Kind describes an algorithm to whatever trains, stores, tunes or serves models.
type Kind struct {
	// Name is the word for it in commands, environment and manifests: "als".
	Name string
	// Summary is one line of help.
	Summary string
	// New returns an unfitted model: the defaults, changed by params, a JSON object (empty or
	// nil changes nothing). Unknown names and values out of range give an error that wraps
	// recsys.ErrInvalidConfig and lists the known names.
	New func(params json.RawMessage, run recsys.Run) (Model, error)
	// Load restores what State gave. It checks every shape before use and never panics on
	// inconsistent tensors; errors wrap ErrCorrupt.
	Load func(s State, run recsys.Run) (Model, error)
	// Needs says what parts of the data the model uses beyond interactions.
	Needs Needs
	// Space is what a search explores, in a stable order.
	Space []Param
}

// Needs are the parts of a dataset, and of a query's history, beyond interactions.
type Needs struct {
	// Sequences: the model learns from the order of events and wants Query.History.Sequence.
	Sequences bool
	// Features: the model can use item and user features.
	Features bool
}

// Param is one dimension of a search space.
type Param struct {
	Name string
	// Low and High bound a number, Log searches its logarithm, Int rounds it.
	Low, High float64
	Log, Int  bool
	// Choices, if set, are the values to choose from instead, as JSON.
	Choices []json.RawMessage
}
