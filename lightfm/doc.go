// Package lightfm is the hybrid model of Kula, "Metadata Embeddings for User and Item
// Cold-start Recommendations", CBRecSys 2015, with the losses of the LightFM library.
//
// Users and items are the sums of their features. Every user and every item has a feature of
// its own, its identity; what else a dataset gives (Dataset.UserFeatures and ItemFeatures:
// categories, brands, price bands, …) is used when it is there, a value weighing its feature.
// A feature f has a vector e_f and a bias b_f, and
//
//	p_u = Σ_f x_uf·e_f    q_i = Σ_f x_if·e_f    b_u, b_i likewise
//	s(u, i) = ⟨p_u, q_i⟩ + b_u + b_i
//
// An item that nobody had yet is the sum of its other features: its identity is not trained
// and stays zero, so that being drawn as a negative does not count against it. One that has no
// other features ends with a vector of zeros, like no other item, and with the bias of the items
// that fewest users had; a user without events and features has zeros, too.
//
// # Losses
//
//   - warp (Weston, Bengio, Usunier, 2011): for an item i that u has, items j of the whole
//     catalogue are drawn, at most max_sampled of them, until one violates s(u,j) > s(u,i) − 1.
//     One that u has is passed over but counts as drawn. The pair then takes a step on
//     L·(s(u,j) − s(u,i)), where L = ln max(1, ⌊(items−1)/drawn⌋), at most 10, estimates how
//     far down i ranks.
//   - bpr: −ln σ(s(u,i) − s(u,j)) for an item j that u lacks, drawn uniformly.
//   - logistic: −ln σ(s(u,i)) − ln(1 − σ(s(u,j))) for the same pairs.
//   - warp-kos (Weston, Yee, Weiss, 2013): n of the user's items are drawn, and the one that
//     scores k-th best takes the place of i in warp. They are drawn from the user's items in
//     the block under training (see below), of which there are more than usual for this loss.
//
// The bias of a user cancels in all but logistic; there it is trained, but as it is the same
// for all items it never is part of a score.
//
// # The parallel schedule
//
// It is that of internal/strata: the blocks of a round share no user and no item. Features that
// several of them have are another matter. Each block trains on a copy of those it touches, and
// after the round a feature changes by the mean of what it changed in the blocks, weighted by
// the steps that each took. (Adding the changes up instead overshoots: thousands of steps of
// every block start from the same place.) The result is the same to the byte for any number of
// workers.
package lightfm
