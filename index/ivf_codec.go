package index

// MarshalBinary saves the index for [Open].
func (x *IVF) MarshalBinary() ([]byte, error) {
	state := x.state.Load()
	w := newWriter(KindIVF, x.dim, (state.n+x.clusters.n)*(x.dim+2))
	w.count(x.clusters.n)
	w.count(x.probe)
	w.float32s(x.clusters.centroids)
	for i := range state.lists {
		w.count(len(state.lists[i].ids))
	}
	w.count(state.n)
	for i := range state.lists {
		w.int32s(state.lists[i].ids)
	}
	for i := range state.lists {
		w.float32s(state.lists[i].data)
	}
	return w.finish(), nil
}

func openIVF(r *reader, s Search) (*IVF, error) {
	lists := r.count(4 * (r.dim + 1))
	probe := r.setting("the number of lists to scan", 1, max(lists, 1))
	centroids := r.float32s(lists * r.dim)
	// A mean may be longer than all it was taken of, by what rounding does.
	if err := checkSquares("centroid", centroids, r.dim, 2*maxSquare); err != nil {
		r.fail("%v", err)
	}
	sizes := r.int32s(lists)
	n := r.count(4 + 4*r.dim)
	ids := r.ids(n)
	data := r.vectors(n)
	if lists == 0 {
		r.fail("no lists")
	}
	if r.err != nil {
		return nil, r.err
	}
	state := &ivfState{lists: make([]block, lists), n: n}
	at := 0
	for l, size := range sizes {
		if size < 0 || int(size) > len(ids)-at {
			r.fail("list %d has %d of %d vectors", l, size, len(ids))
			break
		}
		end := at + int(size)
		b := block{ids: ids[at:end:end], data: data[at*r.dim : end*r.dim : end*r.dim], run: true}
		for i, id := range b.ids {
			b.run = b.run && id == b.ids[0]+int32(i)
		}
		state.lists[l] = b
		at = end
	}
	if at != len(ids) {
		r.fail("the lists have %d of %d vectors", at, len(ids))
	}
	if err := r.end(); err != nil {
		return nil, err
	}
	x := &IVF{dim: r.dim, threads: max(s.Threads, 1), clusters: newClusters(centroids, r.dim), probe: probe, probeNow: probe}
	if s.Probe != 0 {
		x.probeNow = min(s.Probe, lists)
	}
	x.state.Store(state)
	return x, nil
}
