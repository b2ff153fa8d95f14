// Package gdpr finds, exports and erases what a shop keeps of a person: it works on model
// artifacts, logs and other files itself, and on the database through the small interfaces
// Exporter, Eraser and Scanner, which package store implements.
//
// What it promises, and what stays, is in docs/gdpr.md.
package gdpr
