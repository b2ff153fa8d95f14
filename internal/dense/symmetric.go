package dense

import (
	"sync"

	"github.com/recsys-lite/recsys/internal/f32"
)

// Symmetric is a symmetric matrix that is set a few rows at a time, inverted and then laid out row
// by row, all in the same memory.
//
// It is cut into blocks that are contiguous, so that a block is a right factor of f32.GemmPacked,
// or a left one, as it lies there. Those above the diagonal are right factors. Those below hold
// the same numbers as left factors, or what else an algorithm needs.
type Symmetric struct {
	n, size, count int
	width          int // of a row of blocks: n, the last block padded to whole panels
	a              []float32
	diagonal       []float32 // a second place for the blocks on the diagonal
	scratch        sync.Pool // of *scratch
}

// scratch is the memory of one task.
type scratch struct {
	diagonal
	strip []float32 // holds a row of blocks
}

// NewSymmetric returns a matrix of zeros, n×n. It takes n² floats, and 192·n for itself and for
// each worker.
func NewSymmetric(n int) *Symmetric {
	size := blockSize(n)
	s := &Symmetric{n: n, size: size, count: (n + size - 1) / size}
	for i := range s.count {
		s.width += s.padded(i)
	}
	s.a = make([]float32, s.width*s.width)
	s.diagonal = make([]float32, s.count*size*size)
	s.scratch.New = func() any {
		return &scratch{diagonal: newDiagonal(size), strip: make([]float32, size*s.width)}
	}
	return s
}

// len returns the length of block i along a side, padded that of its place.
func (s *Symmetric) len(i int) int { return min(s.size, s.n-i*s.size) }

func (s *Symmetric) padded(i int) int {
	return max(f32.PackedLeft(s.len(i), 1), f32.PackedRight(s.len(i), 1))
}

// block returns the place of block (i, j).
func (s *Symmetric) block(i, j int) []float32 {
	rows, cols := s.padded(i), s.padded(j)
	at := i*s.size*s.width + j*s.size*rows
	return s.a[at : at+rows*cols]
}

// second returns the second place of block (i, i).
func (s *Symmetric) second(i int) []float32 {
	return s.diagonal[i*s.size*s.size : (i+1)*s.size*s.size]
}

// RowsAtOnce is what the first row of a call of SetRows must be a multiple of, and the most rows
// that one call sets.
const RowsAtOnce = 16

// SetRows sets m rows from row i on, right of the diagonal and on it. They lie ld apart in rows,
// which starts with column 0. Calls for different rows may run side by side.
func (s *Symmetric) SetRows(i, m int, rows []float32, ld int) {
	k, first := i/s.size, i%s.size
	depth := s.len(k)
	on := s.block(k, k)
	for r := range m {
		for c, v := range rows[r*ld+i+r : r*ld+k*s.size+depth] {
			on[(first+r+c)*depth+first+r] = v
		}
	}
	panel := f32.PackedRight(1, 1)
	for j := k + 1; j < s.count; j++ {
		to, n := s.block(k, j), s.len(j)
		for c := 0; c < n; c += panel {
			part := f32.Matrix{Data: rows[j*s.size+c:], Stride: ld}
			f32.PackRight(to[c*depth+first*panel:], part, min(panel, n-c), m)
		}
	}
}

// AddDiagonal adds v to the values on the diagonal of a matrix that has been set.
func (s *Symmetric) AddDiagonal(v float32) {
	for k := range s.count {
		on, n := s.block(k, k), s.len(k)
		for i := range n {
			on[i*n+i] += v
		}
	}
}

// InverseDiagonal returns the diagonal of the inverse.
func (s *Symmetric) InverseDiagonal() []float32 {
	d := make([]float32, 0, s.n)
	for k := range s.count {
		on, n := s.second(k), s.len(k)
		for i := range n {
			d = append(d, on[i*n+i])
		}
	}
	return d
}

// Inverse returns the inverse row by row, in the memory of s, which is of no use after that. It
// calls each on the rows while they are in the cache, unless each is nil.
func (s *Symmetric) Inverse(each func(i int, row []float32), parallel Parallel) []float32 {
	n := s.n
	read := make([]sync.WaitGroup, s.count)
	for i := range read {
		read[i].Add(1)
	}
	parallel(s.count, func(i int) {
		own := s.scratch.Get().(*scratch)
		defer s.scratch.Put(own)
		strip, height := own.strip[:s.len(i)*n], s.len(i)
		for j := range i {
			from, width := s.block(i, j), s.len(j)
			for r := range height {
				copy(strip[r*n+j*s.size:], from[r*width:(r+1)*width])
			}
		}
		on := s.second(i)
		for r := range height {
			row := strip[r*n+i*s.size:]
			copy(row, on[r*height:r*height+r+1])
			for c := r + 1; c < height; c++ {
				row[c] = on[c*height+r]
			}
		}
		for j := i + 1; j < s.count; j++ {
			f32.Transpose(strip[j*s.size:], n, s.block(j, i), height, s.len(j), height)
		}
		read[i].Done()
		if each != nil {
			for r := range height {
				each(i*s.size+r, strip[r*n:(r+1)*n])
			}
		}
		// The rows go where the blocks up to here have been.
		for j := range i {
			read[j].Wait()
		}
		copy(s.a[i*s.size*n:], strip)
	})
	return s.a[: n*n : n*n]
}
