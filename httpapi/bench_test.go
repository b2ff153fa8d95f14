package httpapi_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/als"
	"github.com/recsys-lite/recsys/httpapi"
	"github.com/recsys-lite/recsys/index"
	"github.com/recsys-lite/recsys/model"
)

// shop is a synthetic shop: each user buys, some twenty times, mostly from three of two
// hundred groups of products, in each of which few sell most, and now and then anything.
func shop(tb testing.TB, users, items, dim int) recsys.Snapshot {
	tb.Helper()
	const groups = 200
	r := rand.New(rand.NewPCG(1, 2))
	skewed := func(n int) int { return int(float64(n) * math.Pow(r.Float64(), 2)) }
	var entries []recsys.Entry
	for u := range users {
		tastes := [3]int{r.IntN(groups), r.IntN(groups), r.IntN(groups)}
		for range 1 + int(20*r.ExpFloat64()) {
			item := skewed(items)
			if r.Float64() < .8 {
				item = min(skewed((items+groups-1)/groups)*groups+tastes[r.IntN(3)], items-1)
			}
			entries = append(entries, recsys.Entry{Row: int32(u), Col: int32(item), Value: 1})
		}
	}
	x, err := recsys.NewCSR(users, items, entries)
	require.NoError(tb, err)
	ids := func(prefix string, n int) *recsys.IDMap {
		all := make([]string, n)
		for i := range all {
			all[i] = prefix + strconv.Itoa(i)
		}
		m, err := recsys.NewIDMap(all)
		require.NoError(tb, err)
		return m
	}
	d := &recsys.Dataset{Users: ids("user-", users), Items: ids("item-", items), Interactions: x}
	cfg := als.DefaultConfig()
	cfg.Factors, cfg.Iterations = dim, 8
	m, err := als.New(cfg)
	require.NoError(tb, err)
	require.NoError(tb, m.Fit(context.Background(), d))
	catalogue := make([]recsys.Item, items)
	for i := range catalogue {
		price := float64(i%10000) / 100
		catalogue[i] = recsys.Item{ID: d.Items.ID(int32(i)), Title: "Synthetic product number " + strconv.Itoa(i), Category: "Category " + strconv.Itoa(i%200),
			Brand: "Brand " + strconv.Itoa(i%97), Price: &price, ImgURL: "https://img.example.com/" + strconv.Itoa(i) + ".jpg"}
	}
	built, err := index.OfModel(context.Background(), index.KindAuto, m, x, index.Options{})
	require.NoError(tb, err)
	a := model.NewArtifact("als", m, d, catalogue)
	if built != nil {
		a.Index = built
	}
	s := a.Snapshot()
	s.Version = "als-20260101T000000Z"
	return s
}

// listen serves h on a port of this machine until the test ends.
func listen(tb testing.TB, h http.Handler) (addr string) {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(tb, err)
	s := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = s.Serve(l) }()
	tb.Cleanup(func() { _ = s.Close() })
	return l.Addr().String()
}

// ask sends requests over connections of its own, in a way that costs next to nothing beside
// the server: the bytes of a request are written, those of the answer passed over.
func ask(b *testing.B, addr string, target func(n uint64) string) {
	var n atomic.Uint64
	b.SetParallelism(8)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			b.Error(err)
			return
		}
		defer c.Close()
		in := bufio.NewReaderSize(c, 1<<14)
		var out []byte
		for pb.Next() {
			out = append(append(append(out[:0], "GET "...), target(n.Add(1))...), " HTTP/1.1\r\nHost: shop\r\n\r\n"...)
			if _, err := c.Write(out); err != nil {
				b.Error(err)
				return
			}
			if err := passOver(in); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func passOver(in *bufio.Reader) error {
	length := -1
	for first := true; ; first = false {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		text := string(line)
		switch {
		case first && !strings.HasPrefix(text, "HTTP/1.1 200"):
			return fmt.Errorf("answer %q", text)
		case strings.HasPrefix(text, "Content-Length: "):
			if length, err = strconv.Atoi(strings.TrimSpace(text[len("Content-Length: "):])); err != nil {
				return err
			}
		case text == "\r\n":
			_, err := in.Discard(length)
			return err
		}
	}
}

// BenchmarkRecommendHTTP asks for ten recommendations of 20,000 items, computed each time
// and repeated from the cache; BenchmarkBareHandler writes the same bytes. The ratio of their
// times is what the API costs beyond net/http.
func BenchmarkRecommendHTTP(b *testing.B) {
	e, err := recsys.NewEngine(shop(b, 50_000, 20_000, 64))
	require.NoError(b, err)
	api, err := httpapi.New(e, httpapi.Options{CacheSize: 100_000, AccessLog: io.Discard})
	require.NoError(b, err)
	defer api.Close()
	addr := listen(b, api)
	b.Run("uncached", func(b *testing.B) {
		ask(b, addr, func(n uint64) string {
			return "/recommend?user_id=user-" + strconv.FormatUint(n*7919%50_000, 10) + "&k=10&use_cache=false"
		})
	})
	b.Run("cached", func(b *testing.B) {
		ask(b, addr, func(n uint64) string { return "/recommend?user_id=user-" + strconv.FormatUint(n%64, 10) + "&k=10" })
	})
}

func BenchmarkBareHandler(b *testing.B) {
	e, err := recsys.NewEngine(shop(b, 500, 2_000, 64))
	require.NoError(b, err)
	api, err := httpapi.New(e, httpapi.Options{})
	require.NoError(b, err)
	defer api.Close()
	body := get(api, "/recommend?user_id=user-7&k=10").Body.Bytes()
	addr := listen(b, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	}))
	ask(b, addr, func(n uint64) string {
		return "/recommend?user_id=user-" + strconv.FormatUint(n*7919%50_000, 10) + "&k=10&use_cache=false"
	})
}
