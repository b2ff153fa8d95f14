package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// heading says what was measured where.
func heading(doc *bytes.Buffer, root string) error {
	cmd := exec.Command("git", "log", "-1", "--format=%h")
	cmd.Dir = root
	revision, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%s: %w", cmd, err)
	}
	fmt.Fprintf(doc, `# Benchmarks

Written by `+"`make bench`"+` on %s, on top of revision %s. Machine: %s, %d cores, %s; %s %s/%s.

Every benchmark runs six times unless it says otherwise; a figure is the median, ± the half width of its 95 %% confidence interval
(the statistics of benchstat, golang.org/x/perf/benchmath). The data are synthetic and drawn by internal/datasets: power-law popularity,
log-normal activity, latent taste, an order that the next item can be guessed from.

`, time.Now().UTC().Format("2006-01-02"), bytes.TrimSpace(revision), processor(), runtime.NumCPU(), memory(),
		runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}

// processor is the model's name and the vector extensions that the kernels ask for.
func processor() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown processor"
	}
	field := func(name string) string {
		m := regexp.MustCompile(`(?m)^` + name + `\s*:\s*(.*)$`).FindSubmatch(info)
		if m == nil {
			return ""
		}
		return string(m[1])
	}
	name := field("model name")
	if name == "" {
		name = "unknown processor"
	}
	if family := field("cpu family"); family != "" {
		name += fmt.Sprintf(" (family %s, model %s)", family, field("model"))
	}
	for _, flag := range []string{"avx2", "avx512f"} {
		if strings.Contains(" "+field("flags")+" ", " "+flag+" ") {
			name += ", " + flag
		}
	}
	return name
}

func memory() string {
	info, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return "unknown memory"
	}
	var kib float64
	if _, err := fmt.Sscanf(string(info), "MemTotal: %f kB", &kib); err != nil {
		return "unknown memory"
	}
	return fmt.Sprintf("%.0f GiB", kib/(1<<20))
}
