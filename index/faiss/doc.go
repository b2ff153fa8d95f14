// Package faiss serves a [recsys.Index] from Faiss through
// github.com/DataIntelligenceCrew/go-faiss. Everything in it needs the build tag faiss, cgo
// and libfaiss_c, which install.sh beside this file builds on Debian 12:
//
//	sudo index/faiss/install.sh
//	go test -tags faiss ./index/faiss
//
// Package index does the same without a C library, and faster; this is for those who have
// Faiss anyway and want to compare.
package faiss
