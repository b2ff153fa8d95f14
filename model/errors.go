package model

import "errors"

// Errors of the artifact reader; test with errors.Is.
var (
	// ErrCorrupt holds for any artifact that is truncated, altered or contradicts itself.
	ErrCorrupt = errors.New("corrupt artifact")
	// ErrFutureVersion: the artifact was written by a newer release.
	ErrFutureVersion = errors.New("artifact of a newer format")
	// ErrUnknownKind: no kind passed to Open has the artifact's name.
	ErrUnknownKind = errors.New("unknown model kind")
	// ErrNoArtifact: the directory holds no artifact.
	ErrNoArtifact = errors.New("no model artifact")
)
