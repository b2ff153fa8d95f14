// Package semantics is what the stores agree on: which events and items are valid, who is in
// a sample, and how numbered events become a dataset. The DuckDB store and memstore differ
// only in how they keep, select and number rows.
package semantics

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/recsys-lite/recsys"
)

// CheckItem checks an item.
func CheckItem(it *recsys.Item) error {
	if it.ID == "" {
		return fmt.Errorf("%w: the item id is empty", recsys.ErrInvalidData)
	}
	for _, s := range []string{it.ID, it.Title, it.Category, it.Brand, it.ImgURL} {
		if !utf8.ValidString(s) {
			return fmt.Errorf("%w: item %.80q: %.80q is not UTF-8", recsys.ErrInvalidData, it.ID, s)
		}
	}
	for name, v := range it.Attributes {
		if !utf8.ValidString(name) || !utf8.ValidString(v) {
			return fmt.Errorf("%w: item %.80q: attribute %.80q=%.80q is not UTF-8", recsys.ErrInvalidData, it.ID, name, v)
		}
	}
	if p := it.Price; p != nil && !(*p >= 0 && *p <= math.MaxFloat64) {
		return fmt.Errorf("%w: item %.80q: price %v is not a number ≥ 0", recsys.ErrInvalidData, it.ID, *p)
	}
	return nil
}

// CheckUser checks what a caller says of a user.
func CheckUser(u *recsys.User) error {
	if u.ID == "" {
		return fmt.Errorf("%w: the user id is empty", recsys.ErrInvalidData)
	}
	if !utf8.ValidString(u.ID) || !utf8.ValidString(u.Country) {
		return fmt.Errorf("%w: user %.80q: the id or the country is not UTF-8", recsys.ErrInvalidData, u.ID)
	}
	for name, v := range u.Attributes {
		if !utf8.ValidString(name) || !utf8.ValidString(v) {
			return fmt.Errorf("%w: user %.80q: attribute %.80q is not UTF-8", recsys.ErrInvalidData, u.ID, name)
		}
	}
	return nil
}

// CheckOptions checks what a caller asks of Dataset.
func CheckOptions(o recsys.DatasetOptions) error {
	if !(o.SampleRate >= 0 && o.SampleRate <= 1) {
		return fmt.Errorf("%w: sample rate %v lies outside [0, 1]", recsys.ErrInvalidConfig, o.SampleRate)
	}
	for _, id := range o.ExcludeUsers {
		if !utf8.ValidString(id) {
			return fmt.Errorf("%w: excluded user %.80q is not UTF-8", recsys.ErrInvalidConfig, id)
		}
	}
	for _, id := range o.Users {
		if !utf8.ValidString(id) {
			return fmt.Errorf("%w: user %.80q is not UTF-8", recsys.ErrInvalidConfig, id)
		}
	}
	return o.Weighting.Validate()
}

// Sample decides who is in a sample: a user is when the first 16 hexadecimal digits of
// SHA-256(Prefix + id) sort below Below. Everybody is when All.
type Sample struct {
	All           bool
	Prefix, Below string
}

// NewSample returns the sample of the given rate (0 and 1: everybody). The prefix is the seed
// as 16 hexadecimal digits and a colon.
func NewSample(rate float64, seed uint64) Sample {
	if rate <= 0 || rate >= 1 {
		return Sample{All: true}
	}
	return Sample{Prefix: fmt.Sprintf("%016x:", seed), Below: fmt.Sprintf("%016x", uint64(rate*0x1p64))}
}

// Keep says whether a user is in the sample.
func (s Sample) Keep(userID string) bool {
	if s.All {
		return true
	}
	sum := sha256.Sum256([]byte(s.Prefix + userID))
	return hex.EncodeToString(sum[:8]) < s.Below
}
