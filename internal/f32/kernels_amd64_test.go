package f32

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// Registers from 16 on are of AVX-512: a kernel that does with AVX2 must not use them.
func TestAVX2KernelsUseTheirRegisters(t *testing.T) {
	source, err := os.ReadFile("kernels_amd64.s")
	if err != nil {
		t.Fatal(err)
	}
	beyond := regexp.MustCompile(`\b[XYZ](1[6-9]|2\d|3[01])\b|\bZ\d`)
	kernels := 0
	for _, kernel := range strings.Split(string(source), "\nTEXT ")[1:] {
		name, _, _ := strings.Cut(kernel, "(")
		if !strings.HasSuffix(name, "AVX2") {
			continue
		}
		kernels++
		if found := beyond.FindString(kernel); found != "" {
			t.Errorf("%s uses %s", name, found)
		}
	}
	if kernels < 20 {
		t.Errorf("looked at %d kernels", kernels)
	}
}
