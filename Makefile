# make demo   the main job on the shipped Online Retail data, served until Ctrl-C
# make test   everything that must hold
# make bench  the benchmarks, some minutes; writes BENCHMARKS.md

.PHONY: build demo test arm64 widget lint bench

build:
	go build -o bin/recsys-lite ./examples/recsys-lite

demo: build
	bin/recsys-lite demo --dir bin/demo

# The race detector watches everything that is shared; of the algorithms, whose arithmetic it
# would slow twentyfold, it watches the laws about concurrency.
RACE = . ./examples/recsys-lite ./eval ./gate ./gdpr/... ./httpapi ./index/... ./internal/par ./internal/strata \
	./journal ./model/... ./popularity ./queue ./store/... ./tune ./worker
LAWS = (concurrent|reproducible)

test: lint
	go test ./...
	go test -race -short $(RACE)
	go test -race -short -run 'Conform/$(LAWS)' ./als ./item2vec ./sessionknn
	go test -race -short -run 'Conform/./$(LAWS)' ./bpr ./ease ./gru4rec ./hybrid ./itemknn ./lightfm
	@if ldconfig -p 2>/dev/null | grep -q libfaiss_c; then echo go test -tags faiss ./index/faiss; \
	go vet -tags faiss ./index/faiss && go test -tags faiss ./index/faiss; \
	else echo "skipped: Faiss is not installed (index/faiss/install.sh)"; fi
	@$(MAKE) --no-print-directory arm64
	@$(MAKE) --no-print-directory widget

# The kernels for arm64, on other processors under emulation.
arm64:
	@if [ "$$(go env GOHOSTARCH)" = arm64 ]; then echo go test ./internal/f32; go test ./internal/f32; \
	elif command -v qemu-aarch64-static >/dev/null; then echo go test -exec qemu-aarch64-static ./internal/f32; \
	export GOARCH=arm64 CGO_ENABLED=0; go vet ./internal/f32 && go test -exec qemu-aarch64-static ./internal/f32; \
	else echo "skipped: the kernels for arm64 need qemu-aarch64-static (Debian package qemu-user-static)"; fi

# The React widget and the custom element: types, build, unit tests, accessibility, size; and
# Chromium against the program.
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
widget:
	@if ! command -v npm >/dev/null; then echo "skipped: the widget's tests need Node.js 20 and npm"; exit 0; fi; \
	set -e; cd examples/widget; npm ci --no-audit --no-fund --loglevel=error; npm test; \
	if [ -z "$(CHROMIUM)" ]; then echo "skipped: the browser tests need Chromium"; exit 0; fi; \
	cd ../..; $(MAKE) --no-print-directory build; cd examples/widget; CHROMIUM="$(CHROMIUM)" npm run test:browser

lint:
	@unformatted=$$(git ls-files '*.go' | xargs gofmt -l); \
	if [ -n "$$unformatted" ]; then echo "not gofmt-ed:"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	GOARCH=arm64 CGO_ENABLED=0 go vet ./internal/f32
	@if command -v staticcheck >/dev/null; then echo staticcheck ./...; staticcheck ./...; \
	else echo "skipped: staticcheck (go install honnef.co/go/tools/cmd/staticcheck@v0.8.2)"; fi

bench:
	go -C internal/bench/_report run .
