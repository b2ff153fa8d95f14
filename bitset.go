package recsys

import (
	"iter"
	"math/bits"
)

// Bitset is a fixed-length set of dense indices. Reading is safe for concurrent use.
type Bitset struct {
	words []uint64
	n     int
}

// NewBitset returns the empty set over [0, n).
func NewBitset(n int) *Bitset { return &Bitset{words: make([]uint64, (n+63)/64), n: n} }

// FullBitset returns the set of all indices in [0, n).
func FullBitset(n int) *Bitset {
	b := NewBitset(n)
	for i := range b.words {
		b.words[i] = ^uint64(0)
	}
	if r := n % 64; r != 0 {
		b.words[len(b.words)-1] = 1<<r - 1
	}
	return b
}

// Len is the size of the universe.
func (b *Bitset) Len() int { return b.n }

// Has reports whether i is in the set; indices outside the universe are not.
func (b *Bitset) Has(i int32) bool {
	return uint(i) < uint(b.n) && b.words[i>>6]>>(uint(i)&63)&1 != 0
}

// Set adds i, which must be in the universe.
func (b *Bitset) Set(i int32) { b.words[i>>6] |= 1 << (uint(i) & 63) }

// Clear removes i, which must be in the universe.
func (b *Bitset) Clear(i int32) { b.words[i>>6] &^= 1 << (uint(i) & 63) }

// Count is the number of members.
func (b *Bitset) Count() int {
	n := 0
	for _, w := range b.words {
		n += bits.OnesCount64(w)
	}
	return n
}

// All yields the members in ascending order.
func (b *Bitset) All() iter.Seq[int32] {
	return func(yield func(int32) bool) {
		for w, word := range b.words {
			for ; word != 0; word &= word - 1 {
				if !yield(int32(w<<6 + bits.TrailingZeros64(word))) {
					return
				}
			}
		}
	}
}

// Clone returns a copy.
func (b *Bitset) Clone() *Bitset {
	return &Bitset{words: append([]uint64(nil), b.words...), n: b.n}
}

// And keeps the members that o has too. Both sets must have the same length.
func (b *Bitset) And(o *Bitset) {
	for i, w := range o.words {
		b.words[i] &= w
	}
}

// Or adds the members of o. Both sets must have the same length.
func (b *Bitset) Or(o *Bitset) {
	for i, w := range o.words {
		b.words[i] |= w
	}
}

// AndNot removes the members of o. Both sets must have the same length.
func (b *Bitset) AndNot(o *Bitset) {
	for i, w := range o.words {
		b.words[i] &^= w
	}
}

// Words exposes the set for scans: bit i%64 of word i/64 is index i. The slice is shared.
func (b *Bitset) Words() []uint64 {
	if b == nil {
		return nil
	}
	return b.words
}
