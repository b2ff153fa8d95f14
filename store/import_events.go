package store

import (
	"context"
	"fmt"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store/internal/duck"
)

var eventsKind = fileKind{
	name:     "events",
	required: []string{"user_id", "item_id", "ts"},
	known:    []string{"user_id", "item_id", "ts", "qty", "event_type"},
	ignores:  true,
	personal: true,
	rows:     eventRows,
	insert:   insertEvents,
}

func eventRows(s *source) rowQuery {
	user, _ := s.column("user_id")
	item, _ := s.column("item_id")
	ts, _ := s.column("ts")
	qty, hasQty := s.column("qty")
	kind, hasKind := s.column("event_type")
	qtyExpr, qtyRaw, kindExpr := "1::BIGINT", "NULL", literal(recsys.DefaultEventType)
	if hasQty {
		qtyExpr, qtyRaw = wholeExpr(qty), qty.expr
	}
	if hasKind {
		kindExpr = fmt.Sprintf("coalesce(nullif(%s::VARCHAR, ''), %s)", kind.expr, kindExpr)
	}
	q := rowQuery{
		from: fmt.Sprintf(`(SELECT %s AS row, %s AS fault, %s AS raw, %s AS user_id, %s AS item_id, %s AS ts, %s AS qty, %s AS event_type,
			%s AS raw_user, %s AS raw_item, %s AS raw_ts, %s AS raw_qty FROM %s)`, s.row, s.fault, s.raw,
			idExpr(user), idExpr(item), secondsExpr(ts), qtyExpr, kindExpr, user.expr, item.expr, ts.expr, qtyRaw, s.from),
		good: "fault IS NULL AND user_id <> '' AND item_id <> '' AND " + goodTime + " AND " + goodQty,
	}
	q.faults = []fault{
		{"fault IS NOT NULL", "fault", "raw"},
		{"raw_user IS NULL OR raw_user::VARCHAR = ''", "'missing user_id'", "NULL"},
		{"user_id IS NULL", "'user_id is neither text nor a whole number'", "raw_user"},
		{"raw_item IS NULL OR raw_item::VARCHAR = ''", "'missing item_id'", "NULL"},
		{"item_id IS NULL", "'item_id is neither text nor a whole number'", "raw_item"},
		{"raw_ts IS NULL OR raw_ts::VARCHAR = ''", "'missing ts'", "NULL"},
		{"ts < 0", "'negative ts'", "raw_ts"},
		{"ts IS NOT NULL AND NOT " + goodTime, "'ts after the year 9999 (not in seconds?)'", "raw_ts"},
		{"ts IS NULL", "'unreadable ts'", "raw_ts"},
	}
	if hasQty {
		q.faults = append(q.faults,
			fault{"raw_qty IS NULL OR raw_qty::VARCHAR = ''", "'missing qty'", "NULL"},
			fault{"qty IS NOT NULL AND NOT " + goodQty + " OR abs(try_cast(raw_qty AS DOUBLE)) > 1e9", "'qty out of range'", "raw_qty"},
			fault{"true", "'qty is not a whole number'", "raw_qty"})
	}
	return q
}

func insertEvents(ctx context.Context, c *duck.Conn, s *source, q rowQuery) (int64, int64, error) {
	// One number per row of the file, so that the scan stays parallel; a rejected row leaves a
	// gap.
	seq, err := takeSeq(ctx, c, s.rows)
	if err != nil {
		return 0, 0, err
	}
	n, err := c.Exec(ctx, fmt.Sprintf(`INSERT INTO events SELECT %d + row, user_id, item_id, ts, qty, event_type FROM %s WHERE %s`,
		seq, q.from, q.good))
	return n, seq + s.rows, err
}
