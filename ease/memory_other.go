//go:build !linux

package ease

// machineFree returns a fixed figure: this system is not asked for its free memory.
func machineFree() (free float64, source string) { return unknownFree, unknownSource }
