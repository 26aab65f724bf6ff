# Plumbline. `make` lists the targets.
#
# run, demo, build, test, bench, cover, fmt and cross need Go and make, nothing else:
# no C compiler, no root, and no network beyond the download of the Go modules.

GO      ?= go
# Empty: the version written in the source. A release sets it: make build VERSION=0.1.0
VERSION ?=
# Arguments for the app: make run ARGS='--store client.db'
ARGS    ?=

export CGO_ENABLED := 0
# Go asks git about the checkout and stops when another user owns it; nothing here needs it.
export GOFLAGS := $(strip $(shell $(GO) env GOFLAGS) -buildvcs=false)

# ./... leaves out testdata and folders with a dot; there are packages in both.
PACKAGES  := ./... ./testdata/example ./testdata/minimal ./.ci/budgets ./.ci/release
# No paths, no checkout state and no build id in the binary: same source, same bytes.
LDFLAGS   := -s -w -buildid= $(if $(VERSION),-X main.version=$(VERSION))
BUILD     := $(GO) build -trimpath -ldflags '$(LDFLAGS)'
TOOL      := $(GO) tool -modfile=.ci/tools.mod
# What the format check and the formatter read: testdata goes by name here too.
SOURCES   := . testdata/example testdata/minimal .ci/budgets .ci/release
PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64

# What `make bench` runs, and for how long each: make bench BENCH=Score BENCHTIME=3s
BENCH     ?= .
BENCHTIME ?= 300ms

# What `make fuzz` runs, and for how long each: make fuzz FUZZ=Read FUZZTIME=10m
FUZZ      ?=
FUZZTIME  ?= 60s

# For how long `make torture` kills processes at random, and from where chance begins.
TORTURE_TIME ?= 60s
TORTURE_SEED ?= 1

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST)

.PHONY: run
run: build ## build and open the app
	@bin/plumbline $(ARGS)

.PHONY: demo
demo: build ## open a throwaway copy of the worked example
	@bin/plumbline demo $(ARGS)

.PHONY: build
build: ## build bin/plumbline
	@$(BUILD) -o bin/plumbline ./cmd/plumbline

.PHONY: test
test: ## run the tests
	$(GO) test -shuffle=on -timeout 20m $(PACKAGES)

# Each benchmark takes its floor in the same run and reports both, so a figure is judged
# against the machine that made it and not against a number measured elsewhere.
# .ci/budgets puts them in a table with their budgets. One package at a time: they share the machine.
.PHONY: bench
bench: ## run the benchmarks, each figure beside its floor
	@mkdir -p bin; { $(GO) test -p 1 -run '^$$' -bench '$(BENCH)' -benchtime $(BENCHTIME) -timeout 10m ./...; \
		echo $$? >bin/bench.code; } | $(GO) run ./.ci/budgets; exit $$(cat bin/bench.code)

.PHONY: cover
cover: ## run the tests and say how much of the code they reach
	@mkdir -p bin
	$(GO) test -timeout 10m -coverpkg=./... -coverprofile=bin/cover.out $(PACKAGES)
	@$(GO) tool cover -func=bin/cover.out | tail -n 1
	@$(GO) tool cover -html=bin/cover.out -o bin/cover.html && echo 'line by line: bin/cover.html'

# The tests give each target its seeds; this looks for more. It takes FUZZTIME for each of them.
.PHONY: fuzz
fuzz: ## run every fuzz target, and say how many inputs each was given
	@FUZZ='$(FUZZ)' FUZZTIME=$(FUZZTIME) .ci/fuzz $(PACKAGES)

# Linux, with strace: what the tests do of it without is part of `make test`.
# The table at its end is kept in bin/torture.txt.
.PHONY: torture
torture: ## kill, cut off and starve the store at every write, and count what is lost
	@mkdir -p bin
	PLUMBLINE_TORTURE='$(CURDIR)/bin/torture.txt' TORTURE_TIME=$(TORTURE_TIME) TORTURE_SEED=$(TORTURE_SEED) \
		$(GO) test -count=1 -v -timeout 0 -run '^TestTorture$$' ./assessment/store

.PHONY: fmt
fmt: ## format the Go source
	$(TOOL) gofumpt -w $(SOURCES)

.PHONY: lint
lint: ## check format, vet (linux, darwin, windows) and staticcheck
	@unformatted=$$($(TOOL) gofumpt -l $(SOURCES)) || exit 1; \
	if [ -n "$$unformatted" ]; then echo "make fmt would change:"; echo "$$unformatted"; exit 1; fi
	@for os in linux darwin windows; do \
		echo "GOOS=$$os $(GO) vet $(PACKAGES)"; GOOS=$$os $(GO) vet $(PACKAGES) || exit 1; \
	done
	$(TOOL) staticcheck $(PACKAGES)

# Not part of the checks that must pass anywhere: it asks a database on the network.
.PHONY: audit
audit: ## look for known vulnerabilities (needs the network)
	$(TOOL) govulncheck $(PACKAGES)

.PHONY: cross
cross: ## build for linux, darwin and windows on amd64 and arm64
	@for platform in $(PLATFORMS); do \
		os=$${platform%/*} arch=$${platform#*/} suffix=; \
		if [ $$os = windows ]; then suffix=.exe; fi; \
		out=bin/cross/plumbline-$$os-$$arch$$suffix; echo $$out; \
		GOOS=$$os GOARCH=$$arch $(BUILD) -o $$out ./cmd/plumbline || exit 1; \
	done

# From the last commit: what is not committed is not released. Same source, same Go: same bytes.
.PHONY: release
release: ## make what is released in bin/release: make release VERSION=0.1.0
	@$(GO) run ./.ci/release -version '$(VERSION)' -out bin/release

.PHONY: clean
clean: ## remove what was built
	rm -rf bin
