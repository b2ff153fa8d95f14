package tune

import (
	"errors"
	"fmt"
	"time"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/eval"
)

// Parts are events parted by time.
type Parts struct {
	// Validation trains before ValidationCut and measures from there up to the test part.
	Validation *eval.Split
	// Test trains before TestCut, on training and validation part together, and measures from
	// there on; nil without a test part.
	Test                   *eval.Split
	ValidationCut, TestCut time.Time
}

// Divide holds out the newest testShare of the events, unless it is 0, and of the others the
// newest validationShare. The errors are those of eval.TimeCut and eval.ByTime.
func Divide(e *eval.Events, validationShare, testShare float64) (*Parts, error) {
	p := new(Parts)
	older := e
	if testShare != 0 {
		var err error
		if p.TestCut, err = eval.TimeCut(e, testShare); err != nil {
			return nil, fmt.Errorf("test part: %w", err)
		}
		if p.Test, err = eval.ByTime(e, p.TestCut); err != nil {
			return nil, fmt.Errorf("test part: %w", err)
		}
		older = before(e, p.TestCut.Unix())
	}
	var err error
	if p.ValidationCut, err = eval.TimeCut(older, validationShare); err == nil {
		p.Validation, err = eval.ByTime(older, p.ValidationCut)
	}
	if errors.Is(err, recsys.ErrEmptyDataset) || errors.Is(err, recsys.ErrInvalidData) {
		err = fmt.Errorf("%w (of %d events, %d are older than the test part)", err, e.Len(), older.Len())
	}
	if err != nil {
		return nil, fmt.Errorf("validation part: %w", err)
	}
	return p, nil
}

// before is the table of the events before a time.
func before(e *eval.Events, t int64) *eval.Events {
	out := &eval.Events{Users: e.Users, Items: e.Items, Weighting: e.Weighting, Catalogue: e.Catalogue}
	for i, at := range e.Time {
		if at < t {
			out.User = append(out.User, e.User[i])
			out.Item = append(out.Item, e.Item[i])
			out.Time = append(out.Time, at)
			out.Amount = append(out.Amount, e.Amount[i])
		}
	}
	return out
}
