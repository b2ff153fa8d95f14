//go:build !amd64 && !arm64

package bench

func fma(n int) int { return fmaGo(n) }
