package ease

import (
	"bufio"
	"bytes"
	"os"
	"strconv"
)

// machineFree returns the memory that the kernel says is available, or what the control group
// leaves, whichever is less.
func machineFree() (free float64, source string) {
	free, source = unknownFree, unknownSource
	if b, err := os.ReadFile("/proc/meminfo"); err == nil {
		if v, ok := memAvailable(b); ok {
			free, source = v, "the machine"
		}
	}
	for _, group := range [][2]string{
		{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"},
		{"/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"},
	} {
		limit, okLimit := readNumber(group[0])
		used, okUsed := readNumber(group[1])
		if okLimit && okUsed && limit-used < free {
			free, source = max(0, limit-used), "the control group"
		}
	}
	return free, source
}

// memAvailable finds the line "MemAvailable: N kB" of /proc/meminfo.
func memAvailable(meminfo []byte) (float64, bool) {
	for lines := bufio.NewScanner(bytes.NewReader(meminfo)); lines.Scan(); {
		fields := bytes.Fields(lines.Bytes())
		if len(fields) >= 2 && string(fields[0]) == "MemAvailable:" {
			v, err := strconv.ParseFloat(string(fields[1]), 64)
			return v * 1024, err == nil
		}
	}
	return 0, false
}

// readNumber reads a file that holds one number; "max", which means no limit, is none.
func readNumber(path string) (float64, bool) {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	v, err := strconv.ParseFloat(string(bytes.TrimSpace(b)), 64)
	return v, err == nil
}
