package idscan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func wide(s string, big bool) string {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		if big {
			out = append(out, byte(u>>8), byte(u))
		} else {
			out = append(out, byte(u), byte(u>>8))
		}
	}
	return string(out)
}

func ascii(s string) string {
	out := ""
	for _, u := range utf16.Encode([]rune(s)) {
		out += fmt.Sprintf(`\u%04X`, u)
	}
	return out
}

func TestForms(t *testing.T) {
	id := `Zoë "x"/💡@shop`
	quoted, err := json.Marshal(id)
	require.NoError(t, err)
	for _, c := range []struct{ form, text string }{
		{UTF8, id}, {UTF16LE, wide(id, false)}, {UTF16BE, wide(id, true)},
		{JSON, string(quoted[1 : len(quoted)-1])}, {JSON, ascii(id)}, {JSON, strings.ToLower(ascii(id[:2])) + string(quoted[3:len(quoted)-1])},
		{CSV, strings.ReplaceAll(id, `"`, `""`)},
		{URL, url.QueryEscape(id[:1]) + strings.ReplaceAll(url.QueryEscape(id[1:]), "+", "%20")},
	} {
		text := "= " + c.text + " ;"
		if c.form == UTF16LE || c.form == UTF16BE {
			text = wide("= ", c.form == UTF16BE) + c.text + wide(" ;", c.form == UTF16BE)
		}
		for _, words := range []bool{false, true} {
			hits := In([]byte(text), id, words)
			require.Len(t, hits, 1, "%s in %q", c.form, text)
			require.Equal(t, c.form, hits[0].Form)
			require.Equal(t, c.text, text[hits[0].Offset:int(hits[0].Offset)+hits[0].Length])
		}
	}
}

func TestWords(t *testing.T) {
	for text, want := range map[string]int{
		"12": 1, "2012": 0, "120": 0, "a12": 0, "12é": 0, "user=12&k=1": 1, `"12"`: 1, "12 12": 2, "12_12": 2, "x": 0, "": 0,
		wide("12", false): 1, wide("312", false): 0, wide("123", true): 0, `\u0031\u0032`: 1, `3\u0031\u0032`: 0, "%312": 1,
	} {
		require.Len(t, In([]byte(text), "12", true), want, "%q", text)
	}
	require.Len(t, In([]byte("2012"), "12", false), 1)
}

// A file is searched as if it were in memory, however it is cut into blocks.
func TestScan(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		id := rapid.StringN(1, 6, -1).Draw(r, "id")
		piece := rapid.OneOf(rapid.SampledFrom([]string{id, wide(id, true), wide(id, false), ascii(id), url.PathEscape(id)}), rapid.StringN(0, 40, -1))
		text := strings.Join(rapid.SliceOfN(piece, 0, 20).Draw(r, "pieces"), "")
		pad := blockSize - rapid.IntRange(0, 60).Draw(r, "pad")
		data := append(bytes.Repeat([]byte{0xff}, pad), text...)
		data = append(data, bytes.Repeat([]byte{0xff}, rapid.SampledFrom([]int{0, blockSize, 2 * blockSize}).Draw(r, "behind"))...)
		words := rapid.Bool().Draw(r, "words")
		want := In(data, id, words)
		got, n, err := Scan(iotest.HalfReader(bytes.NewReader(data)), id, Options{Words: words})
		require.NoError(r, err)
		require.EqualValues(r, len(want), n)
		require.ElementsMatch(r, want, got) // few: the padding is no UTF-8
	})
	hits, n, err := Scan(strings.NewReader("a a a"), "a", Options{Limit: 2})
	require.NoError(t, err)
	require.Len(t, hits, 2)
	require.EqualValues(t, 3, n)
}
