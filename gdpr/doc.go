// Package gdpr finds, exports and erases what a shop keeps of a person: it works on model
// artifacts, logs and other files itself, and on the database through what Site says of it, which
// package gdpr/duckdb fills in for the file of package store.
//
// What it promises, and what stays, is in docs/gdpr.md.
package gdpr
