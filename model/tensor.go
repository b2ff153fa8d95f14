package model

import (
	"fmt"
	"math"
)

// Tensor is a named dense array in row-major order. Exactly one of the slices is set.
type Tensor struct {
	Name    string
	Shape   []int
	Float32 []float32
	Float64 []float64
	Int32   []int32
	Int64   []int64
}

// Len is the number of elements that Shape calls for, or −1 for a shape with a negative
// dimension or with more elements than an int counts.
func (t *Tensor) Len() int {
	n := 1
	for _, d := range t.Shape {
		if d < 0 || d > 0 && n > math.MaxInt/d {
			return -1
		}
		n *= d
	}
	return n
}

// Tensor returns the tensor called name.
func (s *State) Tensor(name string) (*Tensor, error) {
	for i := range s.Tensors {
		if s.Tensors[i].Name == name {
			return &s.Tensors[i], nil
		}
	}
	return nil, fmt.Errorf("%w: tensor %q is missing", ErrCorrupt, name)
}

// Float32s returns the float32 tensor called name after checking that it has the given shape;
// −1 in shape leaves a dimension open.
func (s *State) Float32s(name string, shape ...int) (*Tensor, error) {
	t, err := s.Tensor(name)
	if err != nil {
		return nil, err
	}
	return t, t.check(len(t.Float32), shape)
}

// Int32s is Float32s for int32 tensors.
func (s *State) Int32s(name string, shape ...int) (*Tensor, error) {
	t, err := s.Tensor(name)
	if err != nil {
		return nil, err
	}
	return t, t.check(len(t.Int32), shape)
}

// Int64s is Float32s for int64 tensors.
func (s *State) Int64s(name string, shape ...int) (*Tensor, error) {
	t, err := s.Tensor(name)
	if err != nil {
		return nil, err
	}
	return t, t.check(len(t.Int64), shape)
}

// Float64s is Float32s for float64 tensors.
func (s *State) Float64s(name string, shape ...int) (*Tensor, error) {
	t, err := s.Tensor(name)
	if err != nil {
		return nil, err
	}
	return t, t.check(len(t.Float64), shape)
}

// check compares the shape with the wanted one, and the number of elements, held in the slice
// of the wanted type, with the shape.
func (t *Tensor) check(held int, want []int) error {
	ok := len(want) == len(t.Shape)
	for i := 0; ok && i < len(want); i++ {
		ok = t.Shape[i] >= 0 && (want[i] == -1 || want[i] == t.Shape[i])
	}
	if !ok {
		return fmt.Errorf("%w: tensor %q has shape %v, want %v (-1 is any)", ErrCorrupt, t.Name, t.Shape, want)
	}
	if held != t.Len() {
		return fmt.Errorf("%w: tensor %q of shape %v holds %d elements of the wanted type", ErrCorrupt, t.Name, t.Shape, held)
	}
	return nil
}
