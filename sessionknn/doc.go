// Package sessionknn recommends the next item of a session from the most similar past
// sessions: VMIS-kNN (Kersbergen, Sprangers, Schelter, "Serenade", SIGMOD 2022), the indexed
// form of VS-kNN (Ludewig, Jannach, "Evaluation of Session-based Recommendation Algorithms",
// UMUAI 2018). There is nothing to train: the fit is an inverted index from items to the
// sessions that had them, and new sessions count as soon as they are in it.
//
// # Score
//
// Let d(j) be the number of events later than the latest one with item j in the session s at
// hand, and w(j) its weight: 1/(1+d) by [Reciprocal] decay. Events of the same moment, such as
// the lines of one order, are not later than each other. The similarity of a past
// session n is
//
//	r(n) = Σ_{j ∈ s∩n} w(j) / √|n| · 0.5^(age(n) / half-life)
//
// and with N the Neighbours most similar ones among the SampleSize most recent sessions of
// each item of s, an item scores
//
//	score(i) = (1 + idf_weight·ln(sessions / sessions with i)) · Σ_{n ∈ N, i ∈ n} r(n)·λ(n)
//
// where λ(n) is the weight of the latest item of s that n shares. A basket or a plain set of
// items has no order: there w(j) is the weight of the interaction and λ is 1. Items that no
// neighbour had score 0.
//
// The cosine norm √|n| and the defaults were chosen on training data: the last day of the
// Yoochoose sample and the last month of Online Retail.
//
// # Known users
//
// The session travels in the query. Only a query that names a known user and has no history
// at all is answered from the user's latest session in the index, taken for a set.
package sessionknn
