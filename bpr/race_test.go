//go:build race

package bpr_test

const raceDetector = true
