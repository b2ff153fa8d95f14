package tune

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
)

// A dimension maps the values of one parameter to [0, 1], where the sampler works. A number
// takes its place on the interval, or on that of its logarithm; choice i of n takes the middle
// of the ith of n equal parts.
type dimension struct {
	model.Param
	low, high float64 // of the interval behind [0, 1]
}

func newDimension(p model.Param) (dimension, error) {
	d := dimension{Param: p, low: p.Low, high: p.High}
	if len(p.Choices) > 0 {
		return d, nil
	}
	if p.Int {
		// The ends are hit as often as the numbers between them.
		d.low, d.high = math.Round(p.Low)-0.5, math.Round(p.High)+0.5
	}
	if !(p.Low < p.High) || math.IsInf(p.Low, 0) || math.IsInf(p.High, 0) || p.Log && !(d.low > 0) {
		return d, fmt.Errorf("%w: search space: %s from %v to %v (logarithmic: %v): want finite bounds, the lower one first, above 0 for a logarithm",
			recsys.ErrInvalidConfig, p.Name, p.Low, p.High, p.Log)
	}
	if p.Log {
		d.low, d.high = math.Log(d.low), math.Log(d.high)
	}
	return d, nil
}

// value is the parameter at x in [0, 1], rounded to what a person would type: integers, or
// four digits.
func (d *dimension) value(x float64) json.RawMessage {
	if n := len(d.Choices); n > 0 {
		return d.Choices[min(int(x*float64(n)), n-1)]
	}
	v := d.low + x*(d.high-d.low)
	if d.Log {
		v = math.Exp(v)
	}
	if d.Int {
		v = math.Round(v)
	} else {
		v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 4, 64), 64)
	}
	return json.RawMessage(strconv.FormatFloat(min(max(v, d.Low), d.High), 'g', -1, 64))
}

// place is the inverse of value; false for a value outside the space.
func (d *dimension) place(value json.RawMessage) (float64, bool) {
	if n := len(d.Choices); n > 0 {
		for i, c := range d.Choices {
			if sameJSON(c, value) {
				return (float64(i) + 0.5) / float64(n), true
			}
		}
		return 0, false
	}
	var v float64
	if json.Unmarshal(value, &v) != nil || string(value) == "null" || !(v >= d.Low && v <= d.High) {
		return 0, false
	}
	if d.Log {
		v = math.Log(v)
	}
	return (v - d.low) / (d.high - d.low), true
}

func sameJSON(a, b json.RawMessage) bool {
	var x, y any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return false
	}
	p, errP := json.Marshal(x)
	q, errQ := json.Marshal(y)
	return errP == nil && errQ == nil && string(p) == string(q)
}

func newDimensions(space []model.Param) ([]dimension, error) {
	if len(space) == 0 {
		return nil, fmt.Errorf("%w: search space: there is no parameter to search", recsys.ErrInvalidConfig)
	}
	dims := make([]dimension, len(space))
	var errs []error
	for i, p := range space {
		var err error
		if dims[i], err = newDimension(p); err != nil {
			errs = append(errs, err)
		}
	}
	return dims, errors.Join(errs...)
}

// Describe says what a dimension of a search space covers: "factors 16 … 256, log, integer".
func Describe(p model.Param) string {
	if len(p.Choices) > 0 {
		text, err := json.Marshal(p.Choices)
		if err != nil {
			return p.Name // choices that are no JSON fail where they are used
		}
		return p.Name + " of " + string(text)
	}
	s := fmt.Sprintf("%s %v … %v", p.Name, p.Low, p.High)
	if p.Log {
		s += ", log"
	}
	if p.Int {
		s += ", integer"
	}
	return s
}
