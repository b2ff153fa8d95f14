// Package quickstart holds the embedding example of the README as an Example test.
package quickstart
