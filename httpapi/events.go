package httpapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/recsys-lite/recsys"
)

const (
	// maxEvents bounds one request to POST /events.
	maxEvents = 1000
	// maxType bounds the name of an event type, in bytes.
	maxType = 64
	// maxAhead is how far clocks may disagree: an event from the future would outweigh all
	// others wherever age counts.
	maxAhead = 24 * time.Hour
)

// events answers POST /events. When it does, the events are on stable storage and the users'
// next answers know of them.
func (a *API) events(x *exchange) error {
	if a.options.Journal == nil {
		return &problem{Status: http.StatusServiceUnavailable, Detail: "this server accepts no events: it has no journal"}
	}
	data, err := x.readAll()
	if err != nil {
		return err
	}
	given, err := decodeEvents(data)
	if err != nil {
		return err
	}
	events := make([]recsys.Event, 0, len(given))
	dropped := 0
	for n, e := range given {
		event, err := e.event(n, false)
		if err != nil {
			return err
		}
		if a.options.Forgotten != nil && a.options.Forgotten(event.UserID) {
			dropped++
			continue
		}
		events = append(events, event)
	}
	if len(events) > 0 {
		first, err := a.options.Journal.Append(x.ctx, events)
		if err != nil {
			return fmt.Errorf("journal: %w", err)
		}
		a.engine.Record(recsys.LiveEvents{Journal: a.options.Journal.ID(), First: first, Events: events})
	}
	a.stats.events.Add(int64(len(events)))
	a.stats.dropped.Add(int64(dropped))
	return x.json(eventsAnswer{Accepted: len(events), Dropped: dropped})
}

// decodeEvents reads a list of events, or one that stands alone.
func decodeEvents(data []byte) ([]eventJSON, error) {
	var outer struct {
		Events json.RawMessage `json:"events"`
	}
	// What is wrong here comes out below, with its place.
	_ = json.Unmarshal(data, &outer)
	if outer.Events == nil {
		var one eventJSON
		if err := decodeBody(data, &one); err != nil {
			return nil, err
		}
		return []eventJSON{one}, nil
	}
	if bytes.Equal(outer.Events, []byte("null")) {
		return nil, faulty(http.StatusUnprocessableEntity, "body.events", nil, "it must be a list")
	}
	var body eventsBody
	if err := decodeBody(data, &body); err != nil {
		return nil, err
	}
	switch n := len(body.Events); {
	case n == 0:
		return nil, faulty(http.StatusUnprocessableEntity, "body.events", nil, "there must be at least one")
	case n > maxEvents:
		return nil, faulty(http.StatusUnprocessableEntity, "body.events", n, "there are at most %d: send several requests", maxEvents)
	}
	return body.Events, nil
}

// event checks the n-th event of a body and fills in what it leaves out.
func (e eventJSON) event(n int, guest bool) (recsys.Event, error) {
	at := func(name string) string { return fmt.Sprintf("body.events[%d].%s", n, name) }
	now := time.Now()
	out := recsys.Event{UserID: e.UserID, ItemID: e.ItemID, Time: now.Unix(), Qty: 1, Type: e.EventType}
	if e.TS != nil {
		out.Time = *e.TS
	}
	if e.Qty != nil {
		out.Qty = *e.Qty
	}
	for _, text := range []struct {
		name, value string
		least, most int
	}{{"user_id", e.UserID, 1, maxID}, {"item_id", e.ItemID, 1, maxID}, {"event_type", e.EventType, 0, maxType}} {
		if len(text.value) < text.least && !(guest && text.name == "user_id") {
			return out, faulty(http.StatusUnprocessableEntity, at(text.name), nil, "it is required")
		}
		if err := checkLength(at(text.name), text.value, text.most); err != nil {
			return out, err
		}
	}
	switch {
	case out.Time < 0 || out.Time > recsys.MaxTime:
		return out, faulty(http.StatusUnprocessableEntity, at("ts"), out.Time, "it must be in Unix seconds")
	case time.Unix(out.Time, 0).Sub(now) > maxAhead:
		return out, faulty(http.StatusUnprocessableEntity, at("ts"), out.Time, "it lies more than a day ahead")
	case out.Qty < -recsys.MaxQty || out.Qty > recsys.MaxQty:
		return out, faulty(http.StatusUnprocessableEntity, at("qty"), out.Qty, "it must lie between ±%d", recsys.MaxQty)
	}
	if out.Type == "" {
		out.Type = recsys.DefaultEventType
	}
	return out, nil
}
