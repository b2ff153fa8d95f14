// Command bare asks a server once and then serves the bytes of that answer, whatever it is
// asked: the most that net/http can do, to compare a server with.
//
//	bare -url 'http://127.0.0.1:8000/recommend?user_id=12347&k=10' -listen 127.0.0.1:8001
package main

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
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
	s := &http.Server{Addr: listen, ReadHeaderTimeout: 5 * time.Second, Handler: Handler(answer.Header.Get("Content-Type"), body)}
	return s.ListenAndServe()
}

// Handler writes body to everybody.
func Handler(contentType string, body []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	})
}
