package index

import "errors"

var (
	// ErrCorrupt: the bytes are not an index, or were damaged.
	ErrCorrupt = errors.New("corrupt index")
	// ErrFutureVersion: a later release of this library wrote the index.
	ErrFutureVersion = errors.New("index of a later format version")
)
