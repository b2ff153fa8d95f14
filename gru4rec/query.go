package gru4rec

import (
	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/sessions"
)

// maxEvents is how far back in a session a query looks; H has long forgotten what came before.
const maxEvents = 500

// query writes the vector of a history to dst.
func (m *Model) query(p *parameters, h *recsys.History, dst []float32) {
	clear(dst)
	size := p.net.hidden
	dst[size] = 1
	if len(h.Sequence) > 0 {
		last, _ := sessions.Last(h, m.cfg.gap())
		last = last[max(0, len(last)-maxEvents):]
		w := p.net.walk(1)
		for _, i := range last {
			w.feed(i)
		}
		copy(dst, w.state())
		return
	}
	if len(h.Items) == 0 {
		return
	}
	// A set has no order: every item gets a lane, and a step from zero.
	const lanes = 64
	w := p.net.walk(min(lanes, len(h.Items)))
	total := float32(0)
	for lo := 0; lo < len(h.Items); lo += lanes {
		part := h.Items[lo:min(lo+lanes, len(h.Items))]
		w.feed(part...)
		for x := range part {
			weight := float32(1)
			if h.Weights != nil {
				weight = h.Weights[lo+x]
			}
			total += weight
			f32.Axpy(weight, w.state()[x*size:(x+1)*size], dst[:size])
		}
		w.restart()
	}
	if total > 0 {
		f32.Scale(1/total, dst[:size])
	}
}

// walk carries H of a few lanes through the network.
type walk struct {
	net    *network
	layers []*cellStep
}

func (n *network) walk(lanes int) *walk {
	w := &walk{net: n}
	for l := range n.cells {
		w.layers = append(w.layers, newCellStep(&n.cells[l], lanes))
	}
	return w
}

// feed gives each lane its next item.
func (w *walk) feed(items ...int32) {
	for m, i := range items {
		row := w.net.inputRow(i)
		copy(w.layers[0].x[m*len(row):], row)
	}
	for l, s := range w.layers {
		if l > 0 {
			copy(s.x, w.layers[l-1].state)
		}
		s.prev, s.state = s.state, s.prev
		w.net.cells[l].forward(s, 0, len(items))
	}
}

// state is H of the last layer, a row per lane.
func (w *walk) state() []float32 { return w.layers[len(w.layers)-1].state }

// restart sets H to zero.
func (w *walk) restart() {
	for _, s := range w.layers {
		clear(s.state)
	}
}
