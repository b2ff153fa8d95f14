// Command bare asks a server once and then serves the bytes of that answer, headers and body,
// whatever it is asked: the most that net/http can do, to compare a server with. Its time-outs are
// those of recsys-lite serve.
//
//	bare -url 'http://127.0.0.1:8000/recommend?user_id=12347&k=10' -listen 127.0.0.1:8001
package main

import (
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"time"
)

func main() {
	url := flag.String("url", "http://127.0.0.1:8000/recommend?user_id=12347&k=10", "answer to repeat")
	listen := flag.String("listen", "127.0.0.1:8001", "address to listen on")
	flag.Parse()
	if err := run(*url, *listen); err != nil {
		fmt.Fprintln(os.Stderr, "bare:", err)
		os.Exit(1)
	}
}

func run(url, listen string) error {
	answer, err := http.Get(url)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	s := &http.Server{
		Addr: listen, Handler: Handler(answer.Header, body),
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
	}
	return s.ListenAndServe()
}

// Handler writes an answer to everybody.
func Handler(header http.Header, body []byte) http.Handler {
	header = header.Clone()
	header.Del("Date") // net/http tells the time
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		maps.Copy(w.Header(), header)
		_, _ = w.Write(body)
	})
}
