// Package tune searches hyper-parameters: it proposes values, lets the caller measure them,
// stops what looks bad, and keeps every finished trial in a file from which a later run goes
// on.
//
// A [Study] is the search. Trial 0 is the defaults, so that the outcome is never worse than
// they are on the measure; some spread points follow, and then a tree-structured Parzen
// estimator (Bergstra et al., "Algorithms for hyper-parameter optimization", NIPS 2011) with
// joint kernels over all dimensions (Falkner, Klein, Hutter, "BOHB", ICML 2018). What trial
// number n proposes depends on the seed, n and the trials before it, and on nothing else: a
// study that was interrupted goes on as if it had not been.
//
// The models of this library do not tell their quality on held-out data while they fit, so
// there is no learning curve to stop on. Instead a trial may be measured in stages, the
// earlier of which cost less: [Fitting] fits on a share of the users first. A trial that does
// worse at a stage than the median of those before it at that stage is stopped (the median
// rule of Golovin et al., "Google Vizier", KDD 2017, with stages in the place of epochs).
//
// Nothing here looks at test data: [Divide] parts events by time into training, validation and
// test, [Fitting] sees the first two, and the test part is for one look at the outcome.
package tune
