// Package onlineretail is the Online Retail data as part of the program: sales of a UK gift
// shop, see README.md beside it.
package onlineretail

import _ "embed"

// Events is events.parquet: user_id, item_id, ts, qty.
//
//go:embed events.parquet
var Events []byte

// Items is items.csv: item_id, title, price, and columns that are empty.
//
//go:embed items.csv
var Items []byte
