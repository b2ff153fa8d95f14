package recsys

import "errors"

// The errors of this package and of everything that implements its interfaces. They arrive
// wrapped, with the name, the value and the way out: test with errors.Is.
var (
	// ErrEmptyDataset: there is no interaction to learn from.
	ErrEmptyDataset = errors.New("empty dataset")
	// ErrInvalidData: a dataset or matrix contradicts itself.
	ErrInvalidData = errors.New("invalid data")
	// ErrInvalidConfig: a hyper-parameter or setting is unknown or out of range.
	ErrInvalidConfig = errors.New("invalid configuration")
	// ErrInvalidQuery: a query or request is out of range.
	ErrInvalidQuery = errors.New("invalid query")
	// ErrNotFitted: the model has no parameters yet.
	ErrNotFitted = errors.New("model is not fitted")
	// ErrNoModel: the engine has no snapshot to serve.
	ErrNoModel = errors.New("no model is loaded")
	// ErrUnknownUser: nothing is known of the user.
	ErrUnknownUser = errors.New("unknown user")
	// ErrUnknownItem: the item is in neither model nor catalogue.
	ErrUnknownItem = errors.New("unknown item")
	// ErrSetBack: the store has not gone on from what the model knows of it, as after an older
	// copy of it was put back.
	ErrSetBack = errors.New("the store was set back")
	// ErrUnsupported: the model has no such ability.
	ErrUnsupported = errors.New("not supported by this model")
)
