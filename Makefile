# `make help` lists the targets. Needed: any node, npm and make. The Node that everything runs on comes from npm, pinned
# in package-lock.json.

# With make's default shell a simple recipe ignores the PATH exported below; with any other it uses that PATH.
SHELL := /bin/bash
MAKEFLAGS += --no-print-directory --no-builtin-rules
.DEFAULT_GOAL := help
.SUFFIXES:
.DELETE_ON_ERROR:

export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

# Colours are for terminals only. Make before 4.1 does not know its output; there each program decides.
ifndef MAKE_TERMOUT
ifeq (,$(filter 3.%,$(MAKE_VERSION)))
export NO_COLOR := 1
endif
endif

# In GitHub Actions findings are annotations on the lines of the pull request.
GITHUB := $(if $(filter true,$(GITHUB_ACTIONS)),github)
HEADGATE := exec node -- packages/cli/bin/headgate.js
SOURCES := exec node --conditions=@headgate/source
CHECKS := check:lint$(GITHUB:%=:%) check:types check:boundaries check:unused check:catalogue check:generated
NODE_IS_OLD := headgate: Node.js 24 or later is needed, and npm has no pinned one for this machine; install it from https://nodejs.org

# Headgate's own reader writes .env anew for Compose, which would take a `$` in a value for a variable.
COMPOSE_ENV := .build/compose.env
COMPOSE = docker compose --project-directory . --env-file $(if $(wildcard $(COMPOSE_ENV)),$(COMPOSE_ENV),.env) --file generated/docker-compose.yaml

# ARGS reaches the command: make run ARGS="--port 4001"
ARGS ?=

##@ Use it
.PHONY: run
run: ready ## build the routing table for this .env and serve it on 127.0.0.1:4000
	@$(HEADGATE) serve $(ARGS)

.PHONY: up
up: ready ## the same in containers, with the local backends that .env switches on
	@command -v docker >/dev/null || { echo "headgate: docker is missing; install it from https://docs.docker.com/engine/install, or use make run" >&2; exit 1; }
	@test -e .env || { cp .env.example .env && chmod 600 .env; }
	@mkdir -p "$${HEADGATE_OVERLAY_DIR:-overlay}"
	@profiles="$$($(HEADGATE) compose-env $(COMPOSE_ENV))" && COMPOSE_PROFILES="$$profiles" HEADGATE_ENV_FILE=$(COMPOSE_ENV) \
	  $(COMPOSE) up --detach --build --remove-orphans $(ARGS)

.PHONY: down
down: ## stop the containers of make up; models and state are kept
	@COMPOSE_PROFILES='*' $(COMPOSE) down $(ARGS)

.PHONY: demo
demo: ready ## a chain that falls over, live, without keys or network
	@$(SOURCES) scripts/demo.ts $(ARGS)

.PHONY: validate
validate: ready ## check every fragment and chain; each finding names its fix
	@$(HEADGATE) validate $(GITHUB:%=--format %) $(ARGS)

##@ Work on it
.PHONY: check
check: ready ## format, lint, types, import boundaries, unused code, the catalogue, generated drift
	@node scripts/turbo.ts $(CHECKS) --continue=always --output-logs=errors-only \
	  >.build/check.log 2>&1 && echo "check: all good" || { cat .build/check.log; exit 1; }

.PHONY: test
test: ready ## every test whose inputs changed; ARGS="packages/router" or ARGS="-t name" runs a part
	@exec node scripts/test.ts $(ARGS)

.PHONY: generate
generate: ready ## write generated/, .env.example, docs and types from the fragments and schemas
	@$(SOURCES) scripts/generate.ts $(ARGS)

.PHONY: matrix
matrix: ready ## features and conversations, every surface in front of every provider; writes docs/compatibility.md
	@$(SOURCES) tests/conversations/matrix.ts $(ARGS)

.PHONY: format
format: ready ## format the code, and fix what Biome can fix
	@biome check --write . $(ARGS)

.PHONY: build
build: ready ## the publishable package: bundled, packed to .build/, installed in an empty folder and run once
	@exec node scripts/build.ts

.PHONY: bench
bench: ready bench/node_modules/.package-lock.json ## measure speed beside a raw pass-through and another gateway
	@exec node bench/run.ts $(ARGS)

.PHONY: simulate
simulate: ready ## a simulated day of free tiers: the router beside its upper bound and other strategies
	@$(SOURCES) scripts/simulate.ts $(ARGS)

.PHONY: simulate-background
simulate-background: ready ## a day of interactive requests beside a crowd of background ones
	@$(SOURCES) scripts/simulate-background.ts $(ARGS)

.PHONY: simulate-vram
simulate-vram: ready ## the memory scheduler beside others on every trace, and 100,000 random histories
	@$(subst exec ,,$(SOURCES)) scripts/simulate-vram.ts $(ARGS)
	@$(if $(ARGS),,HEADGATE_VRAM_HISTORIES=100000 exec vitest run packages/resources/src/core/invariants.test.ts)

.PHONY: simulate-local
simulate-local: ready ## models of which not all fit, in a real Ollama alone and through Headgate
	@$(SOURCES) tests/local-loads/main.ts $(ARGS)

.PHONY: failover
failover: ready ## sixteen ways in which a provider fails, through real gateways in three set-ups
	@$(SOURCES) tests/failover/main.ts $(ARGS)

.PHONY: clients
clients: ready ## real clients from PyPI and npm in front of strict twins; writes docs/clients-tested.md
	@$(SOURCES) tests/clients/main.ts $(ARGS)

.PHONY: screenshots
screenshots: ready ## pictures of the page from a seeded run; writes docs/page/
	@$(SOURCES) tests/page/screenshots.ts $(ARGS)

.PHONY: fuzz
fuzz: ready ## damaged requests and answers through a real gateway; ARGS="--seed 7 --bodies 5000" for a part
	@$(SOURCES) tests/fuzz/main.ts $(ARGS)

.PHONY: drift
drift: ready ## 200 histories of a provider that changes, followed by models refresh and facts verify; ARGS="--only 7" repeats one
	@$(SOURCES) tests/drift/main.ts $(ARGS)

.PHONY: soak
soak: ready ## ten minutes of load with faults: memory, descriptors, latency; ARGS="--minutes 1" is shorter
	@$(SOURCES) tests/soak/main.ts $(ARGS)

.PHONY: batch-kills
batch-kills: ready ## a batch whose gateway is killed 20 times; ARGS="--kills 5 --lines 500" is shorter
	@$(SOURCES) tests/batch-kills/main.ts $(ARGS)

.PHONY: connect-clients
connect-clients: ready ## real clients from npm, connected by their recipes and asked one question
	@$(SOURCES) tests/connect-clients/main.ts $(ARGS)

.PHONY: mutate
mutate: ready ## change the pure rooms' code and see which tests notice; ARGS="router" or a file takes a part
	@exec node scripts/mutate.ts $(ARGS)

.PHONY: slips
slips: ready ## make slips in the catalogue and count those that the compiler does not see
	@$(SOURCES) scripts/slips.ts $(ARGS)

.PHONY: clean
clean: ## remove build output and caches; keeps node_modules, .env and the state directory
	@rm -rf .turbo coverage $(foreach part,. bench generated scripts tests packages/* packages/adapters/*,$(addprefix $(part)/,.build .turbo dist))

.PHONY: help
help: ## this list
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@/ { printf "%s%s\n", (n++ ? "\n" : ""), substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# --- needed by the targets above ---

.PHONY: ready
ready: node_modules/.package-lock.json
	@mkdir -p .build
	@node -e 'process.exit(parseInt(process.versions.node, 10) >= 24 ? 0 : 1)' || { echo "$(NODE_IS_OLD)" >&2; exit 1; }

# npm ci deletes node_modules first, so it runs only when the installed packages differ from the lockfile, whatever the files' dates.
define install
@command -v npm >/dev/null || { echo "headgate: npm is missing; it comes with Node.js from https://nodejs.org" >&2; exit 1; }
@node scripts/installed.mjs $(1) || node scripts/install.mjs $(1)
@touch $@
endef

node_modules/.package-lock.json: package-lock.json
	$(call install,.)

bench/node_modules/.package-lock.json: bench/package-lock.json
	$(call install,bench)
