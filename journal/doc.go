// Package journal keeps the events that a server accepts until a worker has them in the store.
//
// A [Journal] is a writer. It appends to segment files in a directory, the worker's incremental
// directory, and returns from Append when the events are on stable storage; calls that come
// together share one sync. A segment is called journal-ID-FIRST.jsonl.open while it is written,
// and locked; after a second, or when it is large, it loses the .open and is never written
// again. A line of it is
//
//	{"seq":17,"user_id":"12347","item_id":"85123A","ts":1700000000,"qty":1,"event_type":"purchase"}
//
// where seq numbers the events of one journal from 1, ascending, with gaps where an append
// failed or a user was forgotten. Every Open starts a journal with an ID of its own, so that no
// number is ever given twice.
//
// The worker's side is [Recover], which seals what a killed server left open, cutting a torn
// last line, and [Segments]. The pair of journal and seq says whether an event was taken
// already: store.DB.AppendJournaled keeps the last seq of every journal. docs/format/journal.md
// describes the files.
package journal
