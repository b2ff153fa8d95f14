//go:build !race

package lightfm_test

const raceDetector = false
