package model

import (
	"encoding/json"
	"fmt"

	"github.com/recsys-lite/recsys"
)

// TrainingAnnotation names the annotation that keeps what of a fit is not in the rest of the
// manifest, so that another fit can be like it.
const TrainingAnnotation = "training"

// Training is that annotation.
type Training struct {
	// SampleRate is the share of the users that were fitted on, Seed chose them; both are those
	// of recsys.DatasetOptions.
	SampleRate float64 `json:"sample_rate,omitempty"`
	Seed       uint64  `json:"seed"`
}

// Training reads TrainingAnnotation; an artifact without it was fitted on all users.
func (m *Manifest) Training() (Training, error) {
	t := Training{SampleRate: 1}
	text, ok := m.Annotations[TrainingAnnotation]
	if !ok {
		return t, nil
	}
	if err := json.Unmarshal(text, &t); err != nil {
		return t, fmt.Errorf("%w: annotation %q: %w", recsys.ErrInvalidData, TrainingAnnotation, err)
	}
	return t, nil
}
