// Package f32 holds the float32 kernels that the models spend their time in.
//
// Every function is single-threaded, allocates nothing in steady state, and works
// on row-major data. A kernel's doc comment is its own reference loop. Each has a pure Go form,
// on amd64 forms for AVX2+FMA and AVX-512 (F, DQ, BW, VL), and on arm64 most have one for NEON. They
// are chosen once at start; the build tag purego leaves only the Go form.
//
// The result of one implementation depends on the values of its inputs and their
// lengths, never on where they lie in memory. Two implementations add up in
// different orders and so differ in the last digits.
package f32
