// Package docs holds the pages of the documentation, and the tests that hold them to the program.
package docs
