package recsys

import (
	"fmt"
	"math"
)

// IDMap is an immutable bijection between string ids and the dense indices 0 … Len()-1.
// It is safe for concurrent use. The nil map is empty.
type IDMap struct {
	ids   []string
	index map[string]int32
}

// NewIDMap maps ids[i] to i. It keeps the slice, and returns an error that wraps
// ErrInvalidData and names the first id that occurs twice.
func NewIDMap(ids []string) (*IDMap, error) {
	if len(ids) > math.MaxInt32 {
		return nil, fmt.Errorf("%w: %d ids, at most %d can be numbered", ErrInvalidData, len(ids), math.MaxInt32)
	}
	m := &IDMap{ids: ids, index: make(map[string]int32, len(ids))}
	for i, id := range ids {
		if first, dup := m.index[id]; dup {
			return nil, fmt.Errorf("%w: id %q stands at positions %d and %d", ErrInvalidData, id, first, i)
		}
		m.index[id] = int32(i)
	}
	return m, nil
}

// Len is the number of ids.
func (m *IDMap) Len() int {
	if m == nil {
		return 0
	}
	return len(m.ids)
}

// ID returns the string at index i, which must be in range.
func (m *IDMap) ID(i int32) string { return m.ids[i] }

// Index returns the dense index of id, and whether it is known.
func (m *IDMap) Index(id string) (int32, bool) {
	if m == nil {
		return -1, false
	}
	i, ok := m.index[id]
	if !ok {
		return -1, false
	}
	return i, true
}

// IDs returns all ids in index order. The slice is shared: do not change it.
func (m *IDMap) IDs() []string {
	if m == nil {
		return nil
	}
	return m.ids
}

// Append returns a map that has the further ids behind those of m, which stays as it is.
// Ids that m already has give an error that wraps ErrInvalidData.
func (m *IDMap) Append(ids ...string) (*IDMap, error) {
	all := make([]string, 0, m.Len()+len(ids))
	all = append(all, m.IDs()...)
	return NewIDMap(append(all, ids...))
}
