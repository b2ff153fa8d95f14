// Package index finds the vectors with the largest inner product: exactly, or approximately
// for catalogues where an exact ranking is too slow.
//
//	kind   how it searches                          build, 200,000 × 128
//	exact  scans every allowed vector               copies
//	ivf    scans the most promising clusters        seconds
//	hnsw   walks a graph of near vectors            about a minute per core
//
// An [recsys.Engine] without an index ranks exactly, by the norms of the vectors and a sketch of
// them. Where norms spread, as those of factors do, this beats the approximate kinds at any size: they
// are for some 10,000 vectors and more that are about equally long, ivf for many changes, hnsw for
// many queries. [OfModel] with [KindAuto] finds out.
//
// All three implement [recsys.Index]: filters work inside the search, and if k allowed
// vectors exist, k come back. Vectors may be added and removed after the build. The same
// calls in the same order give the same answers and the same saved bytes, for any number of
// workers. A search sees the index as one Add or Remove left it, never something in between.
//
// [Build] makes an index of any kind, MarshalBinary saves it and [Open] reads it back;
// docs/format/index.md describes the bytes. The approximate kinds measure their recall while
// they are built and set themselves so that recall@10 comes to Options.Recall.
package index
