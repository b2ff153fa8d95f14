// Package bench measures what BENCHMARKS.md states: training, ranking, memory and growth, on
// synthetic data of two sizes. It holds benchmarks only.
package bench
