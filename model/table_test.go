package model

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzTable: whatever the bytes, an Arrow file is decoded or refused, with memory in
// proportion to its size.
func FuzzTable(f *testing.F) {
	files, err := filepath.Glob("testdata/v1/*.arrow")
	require.NoError(f, err)
	require.NotEmpty(f, files)
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		data = bytes.Clone(data)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		x := Tensor{Name: "counts", Shape: []int{5, 5}}
		for _, decode := range []func() error{
			func() error { return readTensor(&x, "float32", data) },
			func() error {
				t, err := readTable(data, userFields, 0)
				if err == nil {
					textsOf(t.cols[0])
				}
				return err
			},
			func() error {
				t, err := readTable(data, itemFields, len(itemFields)-1)
				if err == nil {
					_, _, err = itemsOf(t)
				}
				return err
			},
			func() error {
				t, err := readTable(data, csrFields, 1)
				if err == nil {
					_, err = csrOf(t, 5)
				}
				return err
			},
			func() error {
				t, err := readTable(data, sequenceFields, 0)
				if err == nil {
					_, err = sequencesOf(t, 5)
				}
				return err
			},
		} {
			_ = guard(decode)
		}
		runtime.ReadMemStats(&after)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20+100*len(data)), "memory taken")
	})
}
