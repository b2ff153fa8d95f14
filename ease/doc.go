// Package ease is EASE, the closed-form linear autoencoder of Steck, "Embarrassingly Shallow
// Autoencoders for Sparse Data", WWW 2019.
//
// With X the binary users × items matrix, whatever the interaction weights, it solves
//
//	min ‖X − XB‖² + λ‖B‖²  subject to  diag B = 0
//
// whose solution is B_ji = −P_ji / P_ii with P = (XᵀX + λI)⁻¹. B_ji says how much having
// item j speaks for item i; negative weights are kept. The score of item i for a history H is
// Σ_{j∈H, j≠i} B_ji, so that a new user, a guest or a basket costs no training at all, and
// nothing is kept per user.
//
// # Three ways to the same weights
//
// Primal inverts items × items. Dual inverts users × users and is exact as well: with
// K = XXᵀ + λI and Z = K⁻¹X,
//
//	P = (I − XᵀZ)/λ,  B_ji = ⟨x_j, z_i⟩ / (1 − ⟨x_i, z_i⟩)  for j ≠ i
//
// and X and Z, users × items numbers, may stand in for B, items × items: Method says when. X
// and Z are as personal as the interactions they come from: to forget a user, fit without
// that user, as for B.
//
// Sparse is an approximation for catalogues whose items × items matrix no machine holds: each
// item's weights are those of the exact solution on the item and its nearest neighbours by
// cosine, all others being zero (Steck, "Markov Random Fields for Collaborative Filtering",
// NeurIPS 2019, section 3.2; for the choice of neighbours also Ning and Karypis, "SLIM",
// ICDM 2011). With as many neighbours as items it is exact.
//
// Items without a single event take part in none of this: they cost one number each and
// score 0.
//
// # Precision
//
// Everything is factored in float32. The Cholesky factorisation is backward stable: it
// solves exactly a problem whose XᵀX is off by about 1e-7 of its largest eigenvalue, which is
// as if λ were off by that much. A λ too small for that is refused with an error.
package ease
