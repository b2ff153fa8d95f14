package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/recsys-lite/recsys"
)

// event is a line of a segment.
type event struct {
	Seq    int64  `json:"seq"`
	UserID string `json:"user_id"`
	ItemID string `json:"item_id"`
	Time   int64  `json:"ts"`
	Qty    int64  `json:"qty"`
	Type   string `json:"event_type"`
}

func (e *event) encode(to *bytes.Buffer) {
	enc := json.NewEncoder(to)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(e) // numbers and valid strings, into memory: it cannot fail
}

// decode reads a line, without its line feed.
func decode(line []byte) (seq int64, e recsys.Event, err error) {
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields()
	var v event
	if err := dec.Decode(&v); err != nil {
		return 0, e, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return 0, e, errors.New("something follows the event")
	}
	e = recsys.Event{UserID: v.UserID, ItemID: v.ItemID, Time: v.Time, Qty: v.Qty, Type: v.Type}
	if v.Seq < 1 {
		return 0, e, fmt.Errorf("the number is %d, it must be at least 1", v.Seq)
	}
	return v.Seq, e, e.Normalize()
}

// Records are events of a journal with their numbers, ascending.
type Records struct {
	Seqs   []int64
	Events []recsys.Event
	// Bad are the lines that are no events, or out of order: the file was damaged after it had
	// been written.
	Bad []recsys.DeadLetter
}

// Runs gives the events in runs without gaps, each with the number of its first.
func (r *Records) Runs() iter.Seq2[int64, []recsys.Event] {
	return func(yield func(int64, []recsys.Event) bool) {
		for lo := 0; lo < len(r.Seqs); {
			hi := lo + 1
			for hi < len(r.Seqs) && r.Seqs[hi] == r.Seqs[hi-1]+1 {
				hi++
			}
			if !yield(r.Seqs[lo], r.Events[lo:hi]) {
				return
			}
			lo = hi
		}
	}
}

// parse reads the lines of a segment.
func parse(source string, data []byte) *Records {
	r := new(Records)
	for len(data) > 0 {
		line, rest, _ := bytes.Cut(data, []byte("\n"))
		data = rest
		seq, e, err := decode(line)
		if err == nil && len(r.Seqs) > 0 && seq <= r.Seqs[len(r.Seqs)-1] {
			err = fmt.Errorf("number %d comes after %d", seq, r.Seqs[len(r.Seqs)-1])
		}
		if err != nil {
			r.Bad = append(r.Bad, recsys.DeadLetter{Source: source, Reason: err.Error(), Body: bytes.Clone(line)})
			continue
		}
		r.Seqs = append(r.Seqs, seq)
		r.Events = append(r.Events, e)
	}
	return r
}

// whole is the length of the lines at the start of data that are complete and good.
func whole(data []byte) int64 {
	var n int64
	var last int64
	for {
		end := bytes.IndexByte(data[n:], '\n')
		if end < 0 {
			return n
		}
		seq, _, err := decode(data[n : n+int64(end)])
		if err != nil || seq <= last {
			return n
		}
		last = seq
		n += int64(end) + 1
	}
}
