// Package worker keeps a model directory fresh: it imports what arrives in a directory, lays
// it over the current model, and publishes the result for a running server to pick up.
//
// [Inbox] imports Parquet files and the journal segments of servers (package journal), each
// exactly once. [Worker] does that and the rest of a tick. Between ticks it holds neither the
// database nor a lock. Every step is a commit or a rename, and can be repeated: a worker that is
// killed at any point loses and doubles nothing, and leaves no half artifact.
package worker
