// Package eval measures recommenders offline: it splits events into train and test, ranks
// every item of the catalogue for every test user, and reports accuracy and what lies beyond
// it (coverage, concentration, novelty, diversity), with bootstrap intervals, always beside
// popularity.
//
// A measurement has three steps: NewEvents numbers the events, a split (ByTime is the one to
// trust; LeaveLastOut, Random and Explicit are the others) parts them, and Run measures a
// model that was fitted on Split.Train. Compare tells whether the difference of two models
// is more than chance. NextItem is the protocol of session models.
//
// Rankings are full rankings, never against sampled negatives. Where the literature has
// several conventions for one name, the choice is an option and the result says which one
// was used: the same list scores an NDCG@10 of 0.2905 on ML-100K by one convention and
// 0.4457 by the other.
package eval
