// Package idscan finds an identifier in bytes, in every spelling that a file may have it in:
// UTF-8, UTF-16 of either byte order, with JSON's escapes, with its quotes doubled as in CSV, and
// percent-encoded as in a URL.
package idscan

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// The forms of an id.
const (
	UTF8    = "UTF-8"
	UTF16LE = "UTF-16LE"
	UTF16BE = "UTF-16BE"
	JSON    = "JSON-escaped"
	URL     = "percent-encoded"
	CSV     = "CSV-quoted"
)

// Hit is one place where the id stands.
type Hit struct {
	Offset int64
	Length int // in bytes, as it stands there
	Form   string
}

// Options say what counts.
type Options struct {
	// Words leaves out places where a letter or digit precedes or follows: "12" is not in
	// "2012". Text beyond ASCII counts as letters.
	Words bool
	// Limit bounds the hits that are returned, not those that are counted; 0 returns all.
	Limit int
}

// blockSize is how much is looked at at a time.
const blockSize = 1 << 20

// Scan reads r to its end and returns the places of id in it, with their number.
func Scan(r io.Reader, id string, o Options) (hits []Hit, count int64, err error) {
	if id == "" {
		return nil, 0, nil
	}
	// A block overlaps the next by what the longest form, six bytes for each unit of UTF-16, and
	// a neighbour on either side take.
	overlap := 6*len(id) + 2*neighbour
	buf := make([]byte, 0, blockSize+2*overlap)
	start := int64(0) // of buf in the file
	done := 0         // bytes of buf in which hits were counted already
	for {
		n, readErr := io.ReadFull(r, buf[len(buf):min(cap(buf), len(buf)+blockSize)])
		buf = buf[:len(buf)+n]
		last := errors.Is(readErr, io.EOF) || errors.Is(readErr, io.ErrUnexpectedEOF)
		if readErr != nil && !last {
			return hits, count, readErr
		}
		until := len(buf)
		if !last {
			until = max(len(buf)-overlap, done)
		}
		for _, h := range In(buf, id, o.Words) {
			if h.Offset < int64(done) || h.Offset >= int64(until) {
				continue
			}
			count++
			if o.Limit == 0 || len(hits) < o.Limit {
				h.Offset += start
				hits = append(hits, h)
			}
		}
		if last {
			return hits, count, nil
		}
		keep := max(until-neighbour, 0)
		done = until - keep
		start += int64(keep)
		buf = buf[:copy(buf, buf[keep:])]
	}
}

// neighbour is the most bytes that a neighbouring character takes.
const neighbour = 6

// In returns the places of id in data. A place that has the same bytes in two forms counts
// once.
func In(data []byte, id string, words bool) []Hit {
	var hits []Hit
	find := func(form string, pattern []byte, wide bool, order binary.ByteOrder) {
		for at := 0; ; {
			i := bytes.Index(data[at:], pattern)
			if i < 0 {
				return
			}
			at += i
			end := at + len(pattern)
			alone := true
			if words && wide {
				alone = !wordUnit(data[:at], order, true) && !wordUnit(data[end:], order, false)
			} else if words {
				alone = free(data, at, end)
			}
			if alone {
				hits = append(hits, Hit{Offset: int64(at), Length: len(pattern), Form: form})
			}
			at++
		}
	}
	find(UTF8, []byte(id), false, nil)
	if strings.Contains(id, `"`) {
		find(CSV, []byte(strings.ReplaceAll(id, `"`, `""`)), false, nil)
	}
	narrow := len(hits)
	units := utf16.Encode([]rune(id))
	little, big := make([]byte, 0, 2*len(units)), make([]byte, 0, 2*len(units))
	for _, u := range units {
		little, big = binary.LittleEndian.AppendUint16(little, u), binary.BigEndian.AppendUint16(big, u)
	}
	find(UTF16LE, little, true, binary.LittleEndian)
	find(UTF16BE, big, true, binary.BigEndian)
	hits = apart(hits, narrow)
	if bytes.IndexByte(data, '\\') >= 0 {
		hits = append(hits, decoded(JSON, data, id, words, unescape)...)
	}
	if bytes.IndexByte(data, '%') >= 0 {
		hits = append(hits, decoded(URL, data, id, words, unquote)...)
	}
	return hits
}

// apart drops, from at on, big-endian hits that are one byte off a little-endian one: ASCII in
// UTF-16 of one byte order reads as the other one, too, from the next byte.
func apart(hits []Hit, at int) []Hit {
	little := make(map[int64]bool)
	kept := hits[:at:at]
	for _, h := range hits[at:] {
		if h.Form == UTF16LE {
			little[h.Offset] = true
		}
	}
	for _, h := range hits[at:] {
		if h.Form == UTF16LE || !little[h.Offset-1] && !little[h.Offset+1] {
			kept = append(kept, h)
		}
	}
	return kept
}

// decoded finds the id in what step makes of data, where that differs from data itself.
func decoded(form string, data []byte, id string, words bool, step func([]byte) (text []byte, size int)) []Hit {
	plain, from := make([]byte, 0, len(data)), make([]int32, 0, len(data)+1)
	for at := 0; at < len(data); {
		text, size := step(data[at:])
		for range text {
			from = append(from, int32(at))
		}
		plain = append(plain, text...)
		at += size
	}
	from = append(from, int32(len(data)))
	var hits []Hit
	for at := 0; ; at++ {
		i := bytes.Index(plain[at:], []byte(id))
		if i < 0 {
			return hits
		}
		at += i
		end := at + len(id)
		lo, hi := int(from[at]), int(from[end])
		// Where nothing was escaped it was found as UTF-8, unless the letter of an escape before
		// or behind it, as in \t12\t, made it look like a part of a word.
		if words && !free(plain, at, end) || hi-lo == len(id) && (!words || free(data, lo, hi)) {
			continue
		}
		hits = append(hits, Hit{Offset: int64(lo), Length: hi - lo, Form: form})
	}
}

// unescape reads one character of a JSON string, or one byte of what is none.
func unescape(b []byte) ([]byte, int) {
	if b[0] != '\\' || len(b) < 2 {
		return b[:1], 1
	}
	if i := bytes.IndexByte([]byte(`"\/bfnrt`), b[1]); i >= 0 {
		return []byte{"\"\\/\b\f\n\r\t"[i]}, 2
	}
	high, ok := unit(b)
	if !ok {
		return b[:1], 1
	}
	if low, ok := unit(b[6:]); ok && utf16.IsSurrogate(high) {
		if r := utf16.DecodeRune(high, low); r != utf8.RuneError {
			return utf8.AppendRune(nil, r), 12
		}
	}
	return utf8.AppendRune(nil, high), 6
}

// unit reads \uXXXX.
func unit(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	v, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	return rune(v), err == nil
}

// unquote reads one byte of a URL.
func unquote(b []byte) ([]byte, int) {
	if b[0] == '%' && len(b) >= 3 {
		if v, err := strconv.ParseUint(string(b[1:3]), 16, 8); err == nil {
			return []byte{byte(v)}, 3
		}
	}
	return b[:1], 1
}

// free: no letter or digit precedes or follows data[lo:hi].
func free(data []byte, lo, hi int) bool {
	return (lo == 0 || !wordByte(data[lo-1])) && (hi == len(data) || !wordByte(data[hi]))
}

func wordByte(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || b >= utf8.RuneSelf
}

// wordUnit looks at the unit of UTF-16 that ends, or begins, b.
func wordUnit(b []byte, order binary.ByteOrder, end bool) bool {
	if len(b) < 2 {
		return len(b) == 1 && wordByte(b[0])
	}
	if end {
		b = b[len(b)-2:]
	}
	u := order.Uint16(b)
	return u > 127 || wordByte(byte(u))
}
