package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/recsys-lite/recsys"
)

// pairs is a list of ids with one feature each, as a features file has it.
type pairs struct{ ids, features []string }

// readPairs reads a CSV file with a header and the columns id and feature, in that order;
// an id may have many rows.
func readPairs(path string) (*pairs, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord = 2
	if _, err := r.Read(); err != nil {
		return nil, fmt.Errorf("%s: want a header and the two columns id and feature: %w", path, err)
	}
	p := new(pairs)
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return p, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if row[0] == "" || row[1] == "" {
			line, _ := r.FieldPos(0)
			return nil, fmt.Errorf("%s: line %d has an empty id or feature", path, line)
		}
		p.ids = append(p.ids, row[0])
		p.features = append(p.features, row[1])
	}
}

// matrix arranges the features for the ids of to; rows of other ids are left out.
func (p *pairs) matrix(to *recsys.IDMap) (*recsys.Features, error) {
	out := new(recsys.Features)
	columns := make(map[string]int32)
	var entries []recsys.Entry
	for n, id := range p.ids {
		row, ok := to.Index(id)
		if !ok {
			continue
		}
		col, known := columns[p.features[n]]
		if !known {
			col = int32(len(out.Names))
			columns[p.features[n]] = col
			out.Names = append(out.Names, p.features[n])
		}
		entries = append(entries, recsys.Entry{Row: row, Col: col, Value: 1})
	}
	var err error
	out.Matrix, err = recsys.NewCSR(to.Len(), len(out.Names), entries)
	return out, err
}
