package f32

// level is an implementation, by what it asks of the processor. Each architecture names those
// above plain Go.
type level uint8

const levelGo level = 0

// impl is the implementation in use. Tests set it to force another.
var impl = detect()

// Implementation names the implementation in use: "avx512", "avx2", "neon+dotprod", "neon" or "go".
func Implementation() string { return impl.String() }

func (l level) String() string { return levelNames[l] }

// shape is the size of the tile of the result that a kernel keeps in registers.
type shape struct{ rows, cols int }

// largeMatrix is the size in floats from which a matrix is taken to come from memory, not from a
// cache. Tests set it.
var largeMatrix = 2 << 20
