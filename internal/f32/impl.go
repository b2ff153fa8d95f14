package f32

// level is an implementation, by what it asks of the processor.
type level uint8

const (
	levelGo level = iota
	levelAVX2
	levelAVX512
)

// impl is the implementation in use. Tests set it to force another.
var impl = detect()

// Implementation names the implementation in use: "avx512", "avx2" or "go".
func Implementation() string { return impl.String() }

func (l level) String() string { return [...]string{"go", "avx2", "avx512"}[l] }

// shape is the size of the tile of the result that a kernel keeps in registers.
type shape struct{ rows, cols int }
