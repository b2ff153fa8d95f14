// Package itemknn recommends what is bought by those who bought the same: item-based nearest
// neighbours (Sarwar, Karypis, Konstan, Riedl, "Item-based collaborative filtering
// recommendation algorithms", WWW 2001; Deshpande and Karypis, "Item-based top-N
// recommendation algorithms", TOIS 2004).
//
// Every item i keeps the items j of the highest similarity S_ji to it. The score of i for a
// history is Σ_j w_j·S_ji over the items j of the history that i keeps, w_j being their
// weights, so that a new user, a guest or a basket costs no training, and nothing is kept per
// user. Those of no similarity score 0.
//
// With a_ui the weight of user u in the vector of item i, which Config.Similarity defines,
//
//	S_ji = Σ_u a_ui·a_uj / (‖a_i‖^(2α)·‖a_j‖^(2(1−α)) + shrink)
//
// α = ½ is the cosine; smaller values favour popular items (Aiolli, "Efficient top-n
// recommendation for very large scale binary rated datasets", RecSys 2013). The shrink term
// distrusts similarities that few users vouch for.
package itemknn
