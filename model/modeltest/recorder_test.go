package modeltest

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"testing"
)

// The broken models fail on purpose: rapid shall not keep their counterexamples.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("rapid.nofailfile", "true"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// recorder stands in for a testing.T whose failure is what is wanted.
type recorder struct {
	failed, skipped bool
	first           string
}

// verdict runs a law and returns what it recorded; a panic is a failure.
func verdict(l law, f *fixture) *recorder {
	r := &recorder{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				r.Errorf("panic: %v", p)
			}
		}()
		l.check(r, f)
	}()
	<-done
	return r
}

func (r *recorder) Helper()                   {}
func (r *recorder) Name() string              { return "recorder" }
func (r *recorder) Logf(string, ...any)       {}
func (r *recorder) Log(...any)                {}
func (r *recorder) Skipf(string, ...any)      { r.SkipNow() }
func (r *recorder) Skip(...any)               { r.SkipNow() }
func (r *recorder) SkipNow()                  { r.skipped = true; runtime.Goexit() }
func (r *recorder) Error(a ...any)            { r.Errorf("%s", fmt.Sprint(a...)) }
func (r *recorder) Fatalf(f string, a ...any) { r.Errorf(f, a...); r.FailNow() }
func (r *recorder) Fatal(a ...any)            { r.Error(a...); r.FailNow() }
func (r *recorder) FailNow()                  { r.Fail(); runtime.Goexit() }
func (r *recorder) Fail()                     { r.failed = true }
func (r *recorder) Failed() bool              { return r.failed }

func (r *recorder) Errorf(f string, a ...any) {
	if r.first == "" {
		r.first = fmt.Sprintf(f, a...)
	}
	r.Fail()
}
