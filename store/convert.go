package store

import (
	"fmt"
	"strings"

	"github.com/recsys-lite/recsys"
)

// The SQL here turns a column of whatever type a file has into the type the tables have;
// NULL is what cannot be turned.

func isWhole(typ string) bool {
	switch typ {
	case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT":
		return true
	}
	return false
}

func isFraction(typ string) bool {
	return typ == "FLOAT" || typ == "DOUBLE" || strings.HasPrefix(typ, "DECIMAL")
}

func isTime(typ string) bool {
	return typ == "DATE" || strings.HasPrefix(typ, "TIMESTAMP")
}

// idExpr is a text, a whole number, or a number without fraction (which is what data frames
// make of whole numbers with gaps).
func idExpr(c column) string {
	switch {
	case c.typ == "VARCHAR":
		return c.expr
	case isFraction(c.typ):
		return fmt.Sprintf("(CASE WHEN %[1]s = floor(%[1]s) THEN try_cast(%[1]s AS HUGEINT)::VARCHAR END)", c.expr)
	default:
		return c.expr + "::VARCHAR"
	}
}

// pointExpr is the text of a number with a decimal point: 1.299,00 is 1299.00 where a comma can
// only be the decimal mark.
func pointExpr(c column) string {
	if !c.comma {
		return c.expr
	}
	return fmt.Sprintf(`(CASE WHEN regexp_full_match(trim(%[1]s), '[+-]?([0-9]+|[0-9]{1,3}([.][0-9]{3})+),[0-9]+')
		THEN replace(replace(trim(%[1]s), '.', ''), ',', '.') ELSE %[1]s END)`, c.expr)
}

// wholeExpr is a BIGINT: 2 and 2.0, but not 2.5.
func wholeExpr(c column) string {
	switch {
	case isWhole(c.typ):
		return fmt.Sprintf("try_cast(%s AS BIGINT)", c.expr)
	case isFraction(c.typ):
		return fmt.Sprintf("(CASE WHEN %[1]s = floor(%[1]s) THEN try_cast(%[1]s AS BIGINT) END)", c.expr)
	case c.typ == "VARCHAR":
		return fmt.Sprintf(`(CASE WHEN regexp_full_match(trim(%[1]s), '[+-]?[0-9]+') THEN try_cast(trim(%[1]s) AS BIGINT)
			WHEN try_cast(%[1]s AS DOUBLE) = floor(try_cast(%[1]s AS DOUBLE)) THEN try_cast(try_cast(%[1]s AS DOUBLE) AS BIGINT) END)`, pointExpr(c))
	default:
		return "NULL::BIGINT"
	}
}

// secondsExpr is Unix seconds as a BIGINT.
func secondsExpr(c column) string {
	switch {
	case isWhole(c.typ):
		return fmt.Sprintf("try_cast(%s AS BIGINT)", c.expr)
	case isFraction(c.typ):
		return fmt.Sprintf("try_cast(floor(%s) AS BIGINT)", c.expr)
	case isTime(c.typ):
		return timestampSeconds(fmt.Sprintf("%s::TIMESTAMP", c.expr))
	case c.typ == "VARCHAR":
		return fmt.Sprintf(`(CASE WHEN regexp_full_match(trim(%[1]s), '[+-]?[0-9]+') THEN try_cast(trim(%[1]s) AS BIGINT)
			WHEN try_cast(%[1]s AS DOUBLE) IS NOT NULL THEN try_cast(floor(try_cast(%[1]s AS DOUBLE)) AS BIGINT)
			ELSE %[2]s END)`, c.expr, timestampSeconds(fmt.Sprintf("try_cast(%s AS TIMESTAMPTZ)::TIMESTAMP", c.expr)))
	default:
		return "NULL::BIGINT"
	}
}

func timestampSeconds(t string) string {
	return fmt.Sprintf("(CASE WHEN isfinite(%[1]s) THEN (epoch_us(%[1]s) - (epoch_us(%[1]s) %% 1000000 + 1000000) %% 1000000) // 1000000 END)", t)
}

// numberExpr is a finite DOUBLE.
func numberExpr(c column) string {
	return fmt.Sprintf("(CASE WHEN isfinite(try_cast(%[1]s AS DOUBLE)) THEN try_cast(%[1]s AS DOUBLE) END)", pointExpr(c))
}

// textExpr is a text, empty for NULL.
func textExpr(c column) string { return "coalesce(" + c.expr + "::VARCHAR, '')" }

func inRange(name string, low, high int64) string {
	return fmt.Sprintf("%s BETWEEN %d AND %d", name, low, high)
}

var (
	goodTime = inRange("ts", 0, recsys.MaxTime)
	goodQty  = inRange("qty", -recsys.MaxQty, recsys.MaxQty)
)
