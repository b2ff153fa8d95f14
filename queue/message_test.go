package queue_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/queue"
)

var arrived = time.Unix(1_700_000_000, 0)

func parse(body string) recsys.Delivery {
	return queue.Parse(queue.Message{Body: []byte(body)}, arrived)
}

func TestParse(t *testing.T) {
	full := recsys.Event{UserID: "u", ItemID: "7", Time: 5, Qty: -2, Type: "view"}
	plain := recsys.Event{UserID: "u", ItemID: "i", Time: arrived.Unix(), Qty: 1, Type: "purchase"}
	for body, want := range map[string][]recsys.Event{
		`{"user_id":"u","item_id":7,"ts":5,"qty":-2,"event_type":"view","more":{"a":1}}`:                        {full},
		` [{"user_id":"u","item_id":"7","ts":5.9,"qty":-2,"event_type":"view"}, {"user_id":"u","item_id":"i"}]`: {full, plain},
		`{"user_id":"u","item_id":"i","ts":"2023-11-14T23:13:20+01:00","qty":null}`:                             {plain},
		`[]`: nil,
	} {
		d := parse(body)
		require.Empty(t, d.Dead, body)
		require.Equal(t, want, d.Events, body)
	}
}

func TestParsePoison(t *testing.T) {
	for body, reason := range map[string]string{
		"":                                "EOF",
		"hello":                           "not an event",
		"null":                            "null",
		"[{]":                             "not JSON",
		`{"user_id":"u"}`:                 "the item id is empty",
		`{"user_id":"","item_id":"i"}`:    "the user id is empty",
		`{"user_id":1.5,"item_id":"i"}`:   "whole number",
		`{"user_id":["u"],"item_id":"i"}`: "whole number",
		`{"user_id":"u","item_id":"i","ts":"yesterday"}`:   "RFC 3339",
		`{"user_id":"u","item_id":"i","ts":1700000000000}`: "Unix seconds",
		`{"user_id":"u","item_id":"i","ts":-1}`:            "Unix seconds",
		`{"user_id":"u","item_id":"i","qty":1.5}`:          "qty",
		`{"user_id":"u","item_id":"i","qty":99999999999}`:  "quantity",
		`{"user_id":"u","item_id":"i"} {}`:                 "something follows",
		"\xff\xfe":                                         "not an event",
	} {
		d := parse(body)
		require.Empty(t, d.Events, body)
		require.Len(t, d.Dead, 1, body)
		require.Contains(t, d.Dead[0].Reason, reason, body)
		require.Equal(t, body, string(d.Dead[0].Body))
	}
	d := parse(`[{"user_id":"u","item_id":"i"}, 3, {"user_id":"v","item_id":"i"}]`)
	require.Len(t, d.Events, 2, "the good ones are kept")
	require.Len(t, d.Dead, 1)
	require.Equal(t, "3", string(d.Dead[0].Body))
	d = parse(strings.Repeat("x", 3<<20))
	require.Len(t, d.Dead[0].Body, 1<<20)
	require.Contains(t, d.Dead[0].Reason, "3145728")
}

func TestKeys(t *testing.T) {
	timed, untimed := []byte(`{"user_id":"u","item_id":"i","ts":1}`), []byte(`{"user_id":"u","item_id":"i"}`)
	key := func(m queue.Message) (string, bool) {
		d := queue.Parse(m, arrived)
		return d.Key, d.Fresh
	}
	a, fresh := key(queue.Message{Body: timed})
	require.False(t, fresh, "equal messages with times are one")
	again, _ := key(queue.Message{Body: timed, Redelivered: true})
	require.Equal(t, a, again)
	b, fresh := key(queue.Message{Body: untimed})
	require.True(t, fresh, "two clicks are two")
	require.NotEqual(t, a, b)
	again, fresh = key(queue.Message{Body: untimed, Redelivered: true})
	require.Equal(t, b, again)
	require.False(t, fresh)
	c, fresh := key(queue.Message{Body: untimed, ID: "m-1"})
	require.False(t, fresh)
	require.NotEqual(t, b, c)
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`[{"user_id":"u","item_id":7,"ts":"2023-11-14T23:13:20+01:00"}, null, 1e9]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		d := queue.Parse(queue.Message{Body: body}, arrived)
		for _, e := range d.Events {
			n := e
			require.NoError(t, n.Normalize())
			require.Equal(t, e, n)
		}
		require.Equal(t, d, queue.Parse(queue.Message{Body: body}, arrived))
	})
}
