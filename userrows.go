package recsys

import "fmt"

// CheckUserRows checks the arguments of UserFitter.PartialFitUsers for a model that knows
// the given numbers of users and items, and returns the number of users that it knows
// afterwards. Users are distinct; new ones follow the known ones without a gap, in any order.
func CheckUserRows(users []int32, rows *CSR, knownUsers, items int) (int, error) {
	if rows == nil || rows.Rows != len(users) || rows.Cols != items {
		shape := "no rows"
		if rows != nil {
			shape = fmt.Sprintf("a %d×%d matrix", rows.Rows, rows.Cols)
		}
		return 0, fmt.Errorf("%w: %s for %d users of a model of %d items", ErrInvalidData, shape, len(users), items)
	}
	if err := rows.Validate(); err != nil {
		return 0, fmt.Errorf("user rows: %w", err)
	}
	for p, v := range rows.Values {
		if v <= 0 {
			return 0, fmt.Errorf("%w: user rows: entry %d (item %d) has weight %v, weights are positive", ErrInvalidData, p, rows.Indices[p], v)
		}
	}
	seen := make(map[int32]bool, len(users))
	total := knownUsers
	for _, u := range users {
		if u < 0 || seen[u] {
			return 0, fmt.Errorf("%w: user %d is negative or named twice", ErrInvalidData, u)
		}
		seen[u] = true
		total = max(total, int(u)+1)
	}
	for u := knownUsers; u < total; u++ {
		if !seen[int32(u)] {
			return 0, fmt.Errorf("%w: users %d and up are new, but user %d is missing", ErrInvalidData, knownUsers, u)
		}
	}
	return total, nil
}
