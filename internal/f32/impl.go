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

// shape is the size of the tile of the result that a kernel keeps in registers.
type shape struct{ rows, cols int }
