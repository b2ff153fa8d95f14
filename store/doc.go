// Package store keeps events and items in one DuckDB file and gives datasets to fit models on.
//
// [Open] creates the file and its tables or brings an older file up to date; [DB] implements
// recsys.Store. [DB.ImportEvents] and [DB.ImportItems] read Parquet and CSV files, each exactly
// once: the rows and the ledger's row of the file, named by the SHA-256 of its content, are
// one transaction.
//
// DuckDB lets one process at a time write a file, and nobody else read it meanwhile. Open
// waits for the lock up to [Options.LockTimeout]; hold a DB as long as there is work, and
// close it: Close also moves what is in the .wal file into the database, so that a plain copy
// of the file is complete.
package store
