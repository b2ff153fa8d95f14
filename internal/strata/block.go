package strata

import "github.com/recsys-lite/recsys/internal/rng"

// Entry is an interaction in a block: the user's place in the user block above the item's in
// the item block.
type Entry uint32

// idle marks an entry that is known but not visited in this pass.
const idle Entry = 1 << 31

// Block is user block b and item block c under training by one worker.
type Block struct {
	// Items are the items of the block; an item's place is its position.
	Items []int32
	// Entries are the visits, those of a user side by side.
	Entries []Entry

	all   []Entry // with the idle ones behind
	b, p  int
	shift uint
	mask  Entry
	known []uint64
}

// Marks returns the memory that Open needs, one per worker.
func (s *Strata) Marks() []uint64 {
	return make([]uint64, (ceilDiv(s.x.Rows, s.P)*s.width+63)/64)
}

// Open returns a block in which Known answers, in the body of Rounds. marks must be zero; Close leaves it so.
func (s *Strata) Open(b, c int, marks []uint64) Block {
	lo, hi := c*s.width, min((c+1)*s.width, len(s.order))
	h := &s.hands[b]
	k := Block{
		Items: s.order[min(lo, hi):hi],
		all:   h.entries[h.starts[c] : h.starts[c]+h.counts[c]],
		b:     b, p: s.P, shift: s.shift, mask: 1<<s.shift - 1, known: marks,
	}
	for _, e := range k.all {
		n := k.cell(k.Places(e &^ idle))
		marks[n/64] |= 1 << (n % 64)
	}
	k.Entries = k.all
	if !s.plain() {
		visits := 0
		for at, e := range k.all {
			if e&idle == 0 {
				k.all[at], k.all[visits] = k.all[visits], e
				visits++
			}
		}
		k.Entries = k.all[:visits]
	}
	return k
}

// Close takes the marks away.
func (k *Block) Close() {
	if len(k.known) < 4*len(k.all) {
		clear(k.known)
		return
	}
	for _, e := range k.all {
		k.known[k.cell(k.Places(e&^idle))/64] = 0
	}
}

// Places returns the places of user and item within the block.
func (k *Block) Places(e Entry) (user, item int) { return int(e >> k.shift), int(e & k.mask) }

// User returns the user at a place.
func (k *Block) User(place int) int { return place*k.p + k.b }

// Known tells whether the user at a place has the item at a place.
func (k *Block) Known(user, item int) bool {
	n := k.cell(user, item)
	return k.known[n/64]>>(n%64)&1 != 0
}

func (k *Block) cell(user, item int) int { return user*len(k.Items) + item }

// Draw moves a random one of the visits from n on to position n and returns it: called for
// n = 0, 1, … with random bits it goes through the visits in random order.
func (k *Block) Draw(n int, random uint32) Entry {
	pick := n + rng.Below(random, len(k.Entries)-n)
	e := k.Entries[pick]
	k.Entries[pick] = k.Entries[n]
	k.Entries[n] = e
	return e
}
