package index

import "slices"

// maxLinks bounds the links of a node per level; the lowest level has twice as many.
const maxLinks = 64

// tableBlock is the number of rows of a block: what a change of one of them copies.
const tableBlock = 256

// links is a table of short lists of nodes. A row starts with its length.
type links struct {
	width  int
	rows   int
	blocks [][]int32
}

func newLinks(most int) links { return links{width: most + 1} }

// row returns a list; it must not be changed.
func (t *links) row(i int32) []int32 {
	b := t.blocks[i/tableBlock][int(i%tableBlock)*t.width:]
	return b[1 : 1+b[0]]
}

// linksChange is a table in the making: it copies a block before it first writes to it.
type linksChange struct {
	links
	owned []bool
}

func (t links) change() linksChange {
	t.blocks = slices.Clone(t.blocks)
	return linksChange{t, make([]bool, len(t.blocks))}
}

// grow appends empty rows: those of the last block that were free have never been set.
func (t *linksChange) grow(n int) {
	for t.rows += n; len(t.blocks)*tableBlock < t.rows; {
		t.blocks = append(t.blocks, make([]int32, tableBlock*t.width))
		t.owned = append(t.owned, true)
	}
}

// own makes a row fit to be set. It must not run beside another call for the same block.
func (t *linksChange) own(i int32) {
	if b := i / tableBlock; !t.owned[b] {
		t.blocks[b] = slices.Clone(t.blocks[b])
		t.owned[b] = true
	}
}

// set replaces a list of a row that is owned.
func (t *linksChange) set(i int32, nodes []int32) {
	b := t.blocks[i/tableBlock][int(i%tableBlock)*t.width:]
	b[0] = int32(len(nodes))
	copy(b[1:], nodes)
}
