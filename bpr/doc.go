// Package bpr is matrix factorisation trained by Bayesian personalised ranking: Rendle,
// Freudenthaler, Gantner, Schmidt-Thieme, "BPR: Bayesian Personalized Ranking from Implicit
// Feedback", UAI 2009.
//
// A user u has a vector p_u, an item i a vector q_i and a bias b_i; the score is
//
//	s(u, i) = ⟨p_u, q_i⟩ + b_i
//
// A step of the training takes an item i that u has and an item j that u lacks, and with
// x = s(u, i) − s(u, j) and z = 1 − σ(x) moves
//
//	p_u += η·(z·(q_i − q_j) − λ_u·p_u)
//	q_i += η·(z·p_u − λ_i·q_i)      b_i += η·(z − λ_b·b_i)
//	q_j += η·(−z·p_u − λ_j·q_j)     b_j += η·(−z − λ_b·b_j)
//
// which is plain stochastic gradient ascent on Σ ln σ(x) with L2 penalties. There is no bias
// of the user: it cancels in x.
//
// An item that nobody had is only ever a j, and ends with a vector of zeros, like no other item,
// and with the bias of the items that fewest users had; a user without items has zeros, too.
//
// # The parallel schedule
//
// Users and items are cut into P blocks each, P depending on the shape of the data only. In
// round r of a pass, user block b meets item block (b+r) mod P: its positives in that item
// block are visited in random order, and each is compared with an item of the same block.
// The blocks of a round share no row, so any number of workers may take them up without
// locks, each running the sequential algorithm, and the result is the same to the byte. The
// items are dealt into new blocks before every pass, so that over the passes any item meets
// any other. (Gemulla, Nijkamp, Haas, Sismanis, "Large-Scale Matrix Factorization with
// Distributed Stochastic Gradient Descent", KDD 2011, for the strata.)
package bpr
