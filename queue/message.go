package queue

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/recsys-lite/recsys"
)

// Message is one message of a broker.
type Message struct {
	// ID is unique among the messages of the broker's source; empty when there is none.
	ID   string
	Body []byte
	// Redelivered: the broker has delivered it before, or may have.
	Redelivered bool
	// Handle is what its session acknowledges it by.
	Handle any
}

// maxDead is how much of a message a dead letter keeps.
const maxDead = 1 << 20

// Parse reads a message that arrived at the given time.
func Parse(m Message, arrived time.Time) recsys.Delivery {
	d := recsys.Delivery{Key: "id:" + m.ID}
	timed := true
	elements, err := split(m.Body)
	if err != nil {
		d.Dead = append(d.Dead, dead(m.Body, err, arrived))
	}
	for _, raw := range elements {
		e, hasTime, err := parseEvent(raw, arrived)
		if err != nil {
			d.Dead = append(d.Dead, dead(raw, err, arrived))
			continue
		}
		timed = timed && hasTime
		d.Events = append(d.Events, e)
	}
	if m.ID == "" {
		sum := sha256.Sum256(m.Body)
		d.Key = "content:" + hex.EncodeToString(sum[:])
		d.Fresh = !timed && !m.Redelivered
	}
	return d
}

func dead(body []byte, reason error, at time.Time) recsys.DeadLetter {
	text := reason.Error()
	if len(body) > maxDead {
		text += fmt.Sprintf(" (the first %d of %d bytes)", maxDead, len(body))
		body = body[:maxDead]
	}
	return recsys.DeadLetter{Reason: text, Body: bytes.Clone(body), Time: at}
}

// split returns the objects of a message.
func split(body []byte) ([]json.RawMessage, error) {
	if trimmed := bytes.TrimLeft(body, " \t\r\n"); len(trimmed) == 0 || trimmed[0] != '[' {
		return []json.RawMessage{body}, nil
	}
	var all []json.RawMessage
	if err := json.Unmarshal(body, &all); err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	return all, nil
}

// wire is an event as a message has it.
type wire struct {
	UserID id      `json:"user_id"`
	ItemID id      `json:"item_id"`
	Time   *moment `json:"ts"`
	Qty    *int64  `json:"qty"`
	Type   string  `json:"event_type"`
}

func parseEvent(raw []byte, arrived time.Time) (e recsys.Event, timed bool, err error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	var w *wire
	if err := dec.Decode(&w); err != nil {
		return e, false, fmt.Errorf("not an event: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return e, false, errors.New("something follows the JSON value")
	}
	if w == nil {
		return e, false, errors.New("not an event: null")
	}
	e = recsys.Event{UserID: string(w.UserID), ItemID: string(w.ItemID), Time: arrived.Unix(), Qty: 1, Type: w.Type}
	if w.Time != nil {
		e.Time = int64(*w.Time)
	}
	if w.Qty != nil {
		e.Qty = *w.Qty
	}
	return e, w.Time != nil, e.Normalize()
}

// id is a text or a whole number.
type id string

// UnmarshalJSON implements json.Unmarshaler.
func (v *id) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '"' {
		return json.Unmarshal(text, (*string)(v))
	}
	if n, err := strconv.ParseInt(string(text), 10, 64); err == nil {
		*v = id(strconv.FormatInt(n, 10))
		return nil
	}
	return fmt.Errorf("an id is a text or a whole number, not %.80s", text)
}

// moment is a time in Unix seconds.
type moment int64

// UnmarshalJSON implements json.Unmarshaler.
func (v *moment) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '"' {
		var s string
		if err := json.Unmarshal(text, &s); err != nil {
			return err
		}
		t, err := time.Parse(time.RFC3339, s)
		if err != nil {
			return fmt.Errorf("ts is %.80q, it must be Unix seconds or RFC 3339", s)
		}
		*v = moment(t.Unix())
		return nil
	}
	if n, err := strconv.ParseInt(string(text), 10, 64); err == nil {
		*v = moment(n)
		return nil
	}
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil || !(math.Abs(f) < 1<<53) {
		return fmt.Errorf("ts is %.80s, it must be Unix seconds or RFC 3339", text)
	}
	*v = moment(math.Floor(f))
	return nil
}
