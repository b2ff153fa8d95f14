// Command _report runs the benchmarks of this repository and writes what they measure to
// BENCHMARKS.md. The comparison with other programs, which stands between two marks in that
// file, is kept as it is: it is measured by hand, side by side.
//
//	go -C internal/bench/_report run . [-only REGEXP] [-count N]
package main

import (
	"bytes"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/perf/benchfmt"
)

func main() {
	log.SetFlags(0)
	only := flag.String("only", "", "run the sections whose title matches, and keep the others of the file")
	count := flag.Int("count", 6, "how often each benchmark runs; fewer than 6 give no confidence interval")
	root := flag.String("root", "../../..", "the repository")
	flag.Parse()
	if err := run(*root, *only, *count); err != nil {
		log.Fatal(err)
	}
}

func run(root, only string, count int) error {
	wanted, err := regexp.Compile(only)
	if err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	path := filepath.Join(root, "BENCHMARKS.md")
	old, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	var doc bytes.Buffer
	if err := heading(&doc, root); err != nil {
		return err
	}
	doc.WriteString(kept(string(old), "peers"))
	peak := 0.
	for _, s := range sections {
		if !wanted.MatchString(s.title) {
			doc.WriteString(kept(string(old), s.mark()))
			continue
		}
		var results []*result
		for _, r := range s.runs {
			log.Printf("%s: %s %s", s.title, r.pkg, r.bench)
			more, err := r.measure(root, count)
			if err != nil {
				return err
			}
			results = append(results, more...)
		}
		for _, r := range results {
			if r.name == "Peak" {
				peak = r.summary("GFLOP/s").Center
			}
		}
		fmt.Fprintf(&doc, "<!-- %s -->\n\n%s<!-- end -->\n\n", s.mark(), s.markdown(results, peak))
	}
	return os.WriteFile(path, append(bytes.TrimRight(doc.Bytes(), "\n"), '\n'), 0o644)
}

// kept is the part of a file between a mark and the next end, both included.
func kept(file, mark string) string {
	from := strings.Index(file, "<!-- "+mark+" -->")
	if from < 0 {
		return ""
	}
	const end = "<!-- end -->"
	to := strings.Index(file[from:], end)
	if to < 0 {
		return ""
	}
	return file[from:from+to+len(end)] + "\n\n"
}

// job is one call of go test.
type job struct {
	pkg, bench, benchtime string
	once                  bool // takes too long to be repeated
}

// measure runs the job and gathers the values of each benchmark.
func (j job) measure(root string, count int) ([]*result, error) {
	if j.once {
		count = 1
	}
	cmd := exec.Command("go", "test", "-run", "^$", "-timeout", "30m", "-bench", j.bench,
		"-benchtime", j.benchtime, "-count", strconv.Itoa(count), j.pkg)
	cmd.Dir = root
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", cmd, err, out)
	}
	var results []*result
	byName := map[string]*result{}
	for r := benchfmt.NewReader(bytes.NewReader(out), j.bench); r.Scan(); {
		line, ok := r.Result().(*benchfmt.Result)
		if !ok {
			continue
		}
		name := string(line.Name)
		if at := strings.LastIndexByte(name, '-'); at > 0 { // the number of processors
			name = name[:at]
		}
		if byName[name] == nil {
			byName[name] = &result{name: name, values: map[string][]float64{}}
			results = append(results, byName[name])
		}
		for _, v := range line.Values {
			byName[name].values[v.Unit] = append(byName[name].values[v.Unit], v.Value)
		}
	}
	if len(results) == 0 {
		return nil, fmt.Errorf("%s: no benchmark ran", cmd)
	}
	return results, nil
}
