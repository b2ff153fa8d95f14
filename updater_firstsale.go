package recsys

import (
	"fmt"
	"strings"
)

// An item that nobody had when the model was fitted, or when it joined, has parameters that say
// nothing of who might buy it. With its first buyers it joins once more, as a new item, by the
// one thing that models can do: append. Its old index is retired: nobody's history has it.

// unsold says whether an item that the model knows is as good as new to it: nobody has it, and
// the model can take it in anew. One that is fitted anew in any case has no need to, and without
// a catalogue the old index could not be made unavailable.
func (n *renewal) unsold(item int32) bool {
	_, adds := n.Model.(ItemAdder)
	_, refits := n.Model.(Refitter)
	if !adds || refits || n.Catalogue == nil {
		return false
	}
	if n.sold == nil {
		n.sold = make([]bool, n.Items.Len())
		for _, i := range n.Interactions.Indices {
			n.sold[i] = true
		}
	}
	return !n.sold[item]
}

// noteSold adds what somebody has now, after Items has grown.
func (n *renewal) noteSold(rows *CSR) {
	if n.sold == nil {
		return
	}
	n.sold = append(n.sold, make([]bool, n.Items.Len()-len(n.sold))...)
	for _, i := range rows.Indices {
		n.sold[i] = true
	}
}

// follow turns the steps of sequences that name a retired index to the new one, from known on:
// whoever bought an item and gave it back does not have it, and yet has the step.
func (n *renewal) follow(known int) {
	if len(n.retired) == 0 {
		return
	}
	joined := make(map[int32]int32, len(n.retired))
	for i := known; i < n.Items.Len(); i++ {
		if at, again := n.again[n.Items.ID(int32(i))]; again {
			joined[at] = int32(i)
		}
	}
	for p, i := range n.Sequences.Items {
		if to, ok := joined[i]; ok {
			n.Sequences.Items[p] = to
		}
	}
}

// Retired reports whether an index is the old one of an item that joined anew (Updater). It is
// no item: nobody has it, it is in no list, and its name is unknown.
func (s *Snapshot) Retired(item int32) bool {
	return s.Catalogue != nil && s.Catalogue[item].Unavailable && strings.TrimRight(s.Items.ID(item), "-") == retiredName(item)
}

func retiredName(at int32) string { return fmt.Sprintf("retired-%d", at) }

// retiredName is a name that no item has.
func (n *renewal) retiredName(at int32) string {
	name := retiredName(at)
	for {
		if _, taken := n.Items.Index(name); !taken {
			return name
		}
		name += "-"
	}
}
