package recsys

import "fmt"

// Validate checks new items for a model of the given numbers of users and items. features is
// the number of item features the model was fitted with; a model that has none passes 0, and
// Features is not looked at.
func (n NewItems) Validate(users, items, features int) error {
	if n.Count < 0 {
		return fmt.Errorf("%w: %d new items", ErrInvalidData, n.Count)
	}
	check := func(what string, m *CSR, cols int) error {
		switch {
		case m == nil:
			return nil
		case m.Rows != n.Count || m.Cols != cols:
			return fmt.Errorf("%w: %s of new items are a %d×%d matrix, want %d×%d", ErrInvalidData, what, m.Rows, m.Cols, n.Count, cols)
		}
		if err := m.Validate(); err != nil {
			return fmt.Errorf("%s of new items: %w", what, err)
		}
		return nil
	}
	if err := check("interactions", n.Interactions, users); err != nil {
		return err
	}
	if err := check("neighbours", n.Neighbours, items); err != nil {
		return err
	}
	if features == 0 {
		return nil
	}
	return check("features", n.Features, features)
}
