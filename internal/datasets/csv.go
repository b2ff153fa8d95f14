package datasets

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/recsys-lite/recsys"
)

// readCSV returns the named columns of a CSV file with a header, row by row.
func readCSV(dir, name string, columns ...string) ([][]string, error) {
	return readSeparated(dir, name, ',', columns...)
}

// readSeparated is readCSV for another separator.
func readSeparated(dir, name string, separator rune, columns ...string) ([][]string, error) {
	path := filepath.Join(dir, name)
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma = separator
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s is empty", path)
	}
	at := make([]int, len(columns))
	for i, c := range columns {
		if at[i] = slices.Index(rows[0], c); at[i] < 0 {
			return nil, fmt.Errorf("%s has no column %q", path, c)
		}
	}
	out := make([][]string, len(rows)-1)
	for r, row := range rows[1:] {
		for _, c := range at {
			out[r] = append(out[r], row[c])
		}
	}
	return out, nil
}

// features turns pairs (id, feature) into one row of ones per id; a feature may list several,
// separated by |. Features are numbered in recsys.CompareIDs order.
func features(ids *recsys.IDMap, pairs [][]string) (*recsys.Features, error) {
	var names []string
	for _, p := range pairs {
		names = append(names, strings.Split(p[1], "|")...)
	}
	columns, err := sortedIDs(names)
	if err != nil {
		return nil, err
	}
	var entries []recsys.Entry
	for _, p := range pairs {
		row, ok := ids.Index(p[0])
		if !ok {
			return nil, fmt.Errorf("features of the unknown id %q", p[0])
		}
		for _, name := range strings.Split(p[1], "|") {
			col, _ := columns.Index(name)
			entries = append(entries, recsys.Entry{Row: row, Col: col, Value: 1})
		}
	}
	m, err := recsys.NewCSR(ids.Len(), columns.Len(), entries)
	if err != nil {
		return nil, err
	}
	return &recsys.Features{Names: columns.IDs(), Matrix: m}, nil
}
