package links

import (
	"context"
	"sync"
)

// Builder takes a square matrix in by columns and gives it out by rows, without ever holding it
// twice: the entries are kept in bands of rows, and those of a band are let go once its rows are
// there.
type Builder struct {
	n      int
	height int // rows of a band
	mu     sync.Mutex
	strips []strip
	bands  []band
}

const (
	// width is the number of columns of a strip, so that a column's number in it takes a byte.
	width = 256
	// usualBands is the number of bands: one of so many parts of the matrix is there twice.
	usualBands = 16
	// maxHeight is the number of rows whose numbers take the other three bytes.
	maxHeight = 1 << 24
	// page is the number of entries that are allocated at a time, 32 kB.
	page = 1 << 12
)

// entry is a weight: its row, counted within the band, above its column, within the strip.
type entry struct {
	at     uint32
	weight float32
}

// band holds entries in pages, those of a strip side by side and by rising column.
type band struct {
	pages [][]entry
	len   int
}

// strip is some columns in a row.
type strip struct {
	left    int         // columns that are not set
	columns [][]weighed // those that are, until all are
	runs    []run       // where the entries are in every band, from then on
}

type run struct{ from, to int }

// weighed is an entry of a column.
type weighed struct {
	row    int32
	weight float32
}

// NewBuilder returns a builder of an n×n matrix, each of whose columns is to be set once.
func NewBuilder(n int) *Builder {
	height := min((n+usualBands-1)/usualBands, maxHeight)
	b := &Builder{n: n, height: height, strips: make([]strip, (n+width-1)/width), bands: make([]band, (n+height-1)/height)}
	for s := range b.strips {
		b.strips[s].left = min(width, n-s*width)
	}
	return b
}

// Set copies a column: weights at distinct rows. It may be called from several goroutines.
// Columns in about their order take the least memory.
func (b *Builder) Set(i int32, from []int32, weight []float32) {
	column := make([]weighed, len(from))
	for p, j := range from {
		column[p] = weighed{j, weight[p]}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	s := &b.strips[i/width]
	if s.columns == nil {
		s.columns = make([][]weighed, s.left)
	}
	s.columns[i%width] = column
	if s.left--; s.left == 0 {
		b.deal(s)
	}
}

// deal deals the entries of a strip, which is complete, to the bands.
func (b *Builder) deal(s *strip) {
	s.runs = make([]run, len(b.bands))
	for t := range b.bands {
		s.runs[t].from = b.bands[t].len
	}
	for c, column := range s.columns {
		for _, e := range column {
			t := int(e.row) / b.height
			b.bands[t].add(entry{uint32(int(e.row)-t*b.height)*width + uint32(c), e.weight})
		}
	}
	for t := range b.bands {
		s.runs[t].to = b.bands[t].len
	}
	s.columns = nil
}

func (d *band) add(e entry) {
	if d.len%page == 0 {
		d.pages = append(d.pages, make([]entry, page))
	}
	d.pages[d.len/page][d.len%page] = e
	d.len++
}

// Rows returns the matrix, all of whose columns have been set, and ends the builder.
func (b *Builder) Rows(ctx context.Context) (*Rows, error) {
	r := &Rows{To: make([][]int32, b.n), Weight: make([][]float32, b.n)}
	for t := range b.bands {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		lo, hi := t*b.height, min((t+1)*b.height, b.n)
		b.rows(t, r.To[lo:hi], r.Weight[lo:hi])
		b.bands[t].pages = nil
	}
	return r, nil
}

// rows sets the rows of a band.
func (b *Builder) rows(t int, toOf [][]int32, weightOf [][]float32) {
	d := &b.bands[t]
	start := make([]int, len(toOf)+1)
	for k := range d.len {
		start[d.pages[k/page][k%page].at/width+1]++
	}
	for j := range toOf {
		start[j+1] += start[j]
	}
	to, weight := make([]int32, d.len), make([]float32, d.len)
	for j := range toOf {
		from, end := start[j], start[j+1]
		toOf[j], weightOf[j] = to[from:end:end], weight[from:end:end]
	}
	// start[j] is where row j goes on.
	for s := range b.strips {
		run := b.strips[s].runs[t]
		for k := run.from; k < run.to; k++ {
			e := d.pages[k/page][k%page]
			next := &start[e.at/width]
			to[*next], weight[*next] = int32(s*width)+int32(e.at%width), e.weight
			*next++
		}
	}
}
