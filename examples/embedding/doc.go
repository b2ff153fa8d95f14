// Package embedding holds the Go blocks of docs/embedding.md as Example tests: a store, an index
// and a model of one's own, the API mounted in a mux, and the updater in the same process.
package embedding
