package strata

import "github.com/recsys-lite/recsys/internal/rng"

// shares is in how many shares a user block gets its entries: held all at once they would take
// as much memory as the indices of the matrix.
const shares = 6

// hand is what a user block holds: its entries with the item blocks of the next few rounds.
type hand struct {
	counts  []int // of the entries with each item block
	starts  []int // of those in entries
	entries []Entry
	picked  []uint64 // of one row: position in the row above home
}

// rounds is how many rounds a share lasts.
func (s *Strata) rounds() int { return ceilDiv(s.P, shares) }

// refill deals user block b its share if one begins with a round.
func (s *Strata) refill(b, round int) {
	if round%s.rounds() != 0 {
		return
	}
	h := &s.hands[b]
	if round == 0 {
		s.count(b, h)
	}
	rounds := min(s.rounds(), s.P-round)
	first := (b + round) % s.P
	end := 0
	for r := range rounds {
		c := (first + r) % s.P
		h.starts[c] = end
		end += h.counts[c]
	}
	next, entries, plain := append([]int(nil), h.starts...), h.entries, s.plain()
	for u, place := b, Entry(0); u < s.x.Rows; u, place = u+s.P, place+1 {
		cols, _ := s.x.Row(u)
		s.pick(cols, first, rounds, h)
		start := int(s.x.Indptr[u])
		for _, p := range h.picked {
			if s.absent(start + int(p>>32)) {
				continue
			}
			home := uint32(p)
			c, e := home>>s.shift, place<<s.shift|Entry(home&(1<<s.shift-1))
			n := 1
			if !plain {
				if n = s.visits(start + int(p>>32)); n == 0 {
					e, n = e|idle, 1
				}
			}
			for ; n > 0; n-- {
				entries[next[c]] = e
				next[c]++
			}
		}
	}
}

// pick lists the items of a row that are in so many item blocks from first on.
func (s *Strata) pick(cols []int32, first, blocks int, h *hand) {
	if cap(h.picked) < len(cols) {
		h.picked = make([]uint64, len(cols))
	}
	picked := h.picked[:len(cols)]
	lo, all, span := int64(first)<<s.shift, int64(s.P)<<s.shift, int64(blocks)<<s.shift
	n, homes := 0, s.home
	for k, i := range cols {
		// Without a branch, which the processor could not guess.
		home := homes[i]
		picked[n] = uint64(k)<<32 | uint64(home)
		at := int64(home) - lo
		at += all & (at >> 63)
		n += int(uint64(at-span) >> 63)
	}
	h.picked = picked[:n]
}

// count counts the entries of user block b, and makes room for its largest share.
func (s *Strata) count(b int, h *hand) {
	if h.counts == nil {
		h.counts, h.starts = make([]int, s.P), make([]int, s.P)
	}
	clear(h.counts)
	for u := b; u < s.x.Rows; u += s.P {
		cols, _ := s.x.Row(u)
		start := int(s.x.Indptr[u])
		for k, i := range cols {
			if s.absent(start + k) {
				continue
			}
			n := 1 // visited once or idle
			if s.mean != 0 {
				n = max(s.visits(start+k), 1)
			}
			h.counts[s.home[i]>>s.shift] += n
		}
	}
	most := 0
	for first := 0; first < s.P; first += s.rounds() {
		n := 0
		for r := first; r < min(first+s.rounds(), s.P); r++ {
			n += h.counts[(b+r)%s.P]
		}
		most = max(most, n)
	}
	if len(h.entries) < most {
		h.entries = nil
		// In the next pass the shares are of other sizes.
		h.entries = make([]Entry, most+most/16)
	}
}

// absent tells whether the k-th interaction of the matrix is taken for missing.
func (s *Strata) absent(k int) bool {
	return s.Absent != nil && s.Absent[k/64]>>(k%64)&1 != 0
}

// plain tells whether every interaction is visited once.
func (s *Strata) plain() bool { return s.mean == 0 && s.parts == 1 }

// visits returns how often the k-th interaction of the matrix is visited in the part.
func (s *Strata) visits(k int) int {
	r := rng.Nth(s.draws, uint64(k))
	// The visits fall into parts in a row, from a random one on.
	first := int(r & (1<<32 - 1) * uint64(s.parts) >> 32)
	if s.mean == 0 {
		if first == s.part {
			return 1
		}
		return 0
	}
	n := int(s.x.Values[k]/s.mean + float32(r>>40)*0x1p-24)
	whole, rest := n/s.parts, n%s.parts
	if (s.part-first+s.parts)%s.parts < rest {
		whole++
	}
	return whole
}
