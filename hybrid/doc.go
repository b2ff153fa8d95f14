// Package hybrid blends several models into one.
//
// Each member is fitted on the same data and scores the whole catalogue; what it says is
// brought to a common scale, and the weighted sum ranks:
//
//	Score   the member's scores, less their mean and over their standard deviation, both over
//	        the items that the member can recommend for this query
//	Rank    1 / (60 + r), where r is the number of items that score higher, plus one
//	        (reciprocal rank fusion: Cormack, Clarke, Büttcher, SIGIR 2009)
//
// An item that a member cannot recommend takes that member's lowest value, and cannot be
// recommended when this holds for all members of positive weight.
//
// The weights are given, or learned: the members are first fitted on a part of the data, and
// the weights are those of the highest NDCG@10 on the rest, found by coordinate ascent on the
// measure itself (Metzler, Croft, "Linear feature-based models for information retrieval",
// 2007). They may differ by the length of a user's history, since what is best for a regular is
// seldom best for a newcomer. As the search starts from each member alone, the blend is on the
// held-out part never worse than its best member.
package hybrid
