# The verbs of the house; `make help` lists them.
#
#   PY     the interpreter: a command (python3.13, also one that only pyenv or `make
#          pythons` knows) or a path. Each version has a virtual environment of its own.
#   LONG   the Python versions with long fault runs where CI=true.
#   ROOM   one room, for `check`, `bench` and `conform`.
#
# Everything is made inside the checkout: .venv*/ and target/. A stamp in the virtual
# environment stands for each thing installed there, so that a second run installs and
# builds only what changed.

PY ?=
PYTHON := $(shell tools/python $(PY))
VERSION := $(shell "$(PYTHON)" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
VENV := $(if $(filter $(shell tools/python),$(PYTHON)),.venv,.venv-$(VERSION))
BENCH := $(VENV:.venv%=.venv-bench%)
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps/$(VERSION)
BUILT := $(STAMPS)/built
RUST := CARGO_TARGET_DIR=$(CURDIR)/target/rust PYO3_PYTHON=$(PYTHON) PYO3_BUILD_EXTENSION_MODULE=1
WHEELS := target/wheels/$(VERSION)

SOURCES := Cargo.toml Cargo.lock pyproject.toml \
    $(shell find wheel crates/*/Cargo.toml crates/*/build.rs crates/*/src -type f 2>/dev/null)
SUFFIX := $(subst .,,$(VERSION))
EXTENSION := $(wildcard python/threeply/_threeply.cpython-$(SUFFIX)-*.so)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.SUFFIXES:

.PHONY: help
help: ## lists the verbs
	@echo 'make VERB [PY=python3.13] [ROOM=queue]'
	@grep -hE '^[a-z0-9.-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

# --- What the verbs stand on: two virtual environments. In one threeply is installed
# --- editable, as `make build` builds it; in the other, for `bench`, as a wheel.

define environment
.PRECIOUS: $(1)/.stamps/$(VERSION)/%
$(1)/.stamps/$(VERSION)/venv:
	@PY='$(PY)' tools/venv '$(PYTHON)' $(1)
	@mkdir -p $$(@D) && touch $$@

# A dependency group of pyproject.toml.
$(1)/.stamps/$(VERSION)/%: pyproject.toml | $(1)/.stamps/$(VERSION)/venv
	$(1)/bin/python -m pip install -q --disable-pip-version-check --group $$*
	@touch $$@
endef
$(eval $(call environment,$(VENV)))
$(eval $(call environment,$(BENCH)))

# One build folder for all Pythons: the engine is compiled once.
$(BUILT): $(SOURCES) | $(STAMPS)/build
	CARGO_TARGET_DIR=$(CURDIR)/target/build VIRTUAL_ENV=$(CURDIR)/$(VENV) \
	    $(BIN)/maturin develop --profile quick --locked --quiet
	@touch $@

ifeq ($(EXTENSION),)
.PHONY: $(BUILT)
endif

$(WHEELS)/built: $(SOURCES) $(shell find python -name '*.py*' -not -name '*.pyc') | $(STAMPS)/build
	@rm -rf $(@D)
	CARGO_TARGET_DIR=$(CURDIR)/target/wheel $(BIN)/maturin build --release --locked --quiet \
	    --interpreter $(BIN)/python --out $(@D)
	@touch $@

$(BENCH)/.stamps/$(VERSION)/wheel: $(WHEELS)/built | $(BENCH)/.stamps/$(VERSION)/venv
	$(BENCH)/bin/python -m pip install -q --disable-pip-version-check --no-deps \
	    --force-reinstall $(WHEELS)/*.whl
	@touch $@

# --- The verbs

.PHONY: build check wheel demo test lint bench loom miri pythons nightly clean
build: $(BUILT) $(STAMPS)/test ## builds, optimised but for speed of building, into the virtual environment

# The engine's tests of a room; a room of another name there has a line here.
ENGINE_concurrent.futures := futures_*
ENGINE_queue := threading_*queue*
ENGINE_threading := threading_*
ROOM_TESTS := $(or $(ENGINE_$(ROOM)),$(ROOM)_*)

check: lint-python $(STAMPS)/test ## the quick loop of an edit: lints, and one ROOM's tests but for the slow ones
	@test -d tests/python/$(subst .,/,$(or $(ROOM),none)) || \
	    { echo 'check: ROOM is one of threading queue signal subprocess concurrent.futures'; exit 1; }
	cargo fmt --all --check
	$(RUST) cargo clippy --locked --quiet -p threeply -p threeply-python -- -D warnings
	$(RUST) cargo test --locked --quiet -p threeply --test '$(ROOM_TESTS)'
	$(BIN)/python -m pytest -q -n 2 --dist loadgroup -m 'not slow' tests/python/$(subst .,/,$(ROOM))

wheel: $(WHEELS)/built ## builds a wheel for PY, fully optimised, in target/wheels
	@ls $(WHEELS)/*.whl

demo: $(BUILT) ## runs the main job under python and under threeply, side by side
	@$(BIN)/python tools/demo.py

# The Pythons that a verb is made for beside the one of PY; and how one of them is asked.
OTHERS := python3.12 python3.13 python3.14 python3.15
EVERY := python3.11 $(OTHERS)
other = +@if tools/python $* >/dev/null; then \
        $(MAKE) --no-print-directory PY=$* $(1); \
    else echo 'not run: no $* on this machine'; fi

# Titles and targets of all that `make test` runs.
PARTS := \
    'Rust format and lints=lint-rust' \
    'Python lints and types=lint-python' \
    'engine=test-engine' \
    'engine documentation=test-docs' \
    'engine models (loom)=loom' \
    'engine under miri=miri' \
    'Python $(VERSION)=test-python' \
    'proof of native=test-proof' \
    'stubs=test-stubs' \
    'coverage=test-coverage' \
    'source distribution=test-sdist'

LOCAL_PARTS := 'CPython tests, short part=conform-short'

# What only the continuous integration adds: the other Pythons, and more of CPython's tests
# on the oldest and the newest.
CI_PARTS := \
    'CPython 3.14 and 3.15=pythons' \
    'CPython tests $(VERSION)=conform-standing' \
    $(foreach version,3.12 3.13 3.14, \
        'Python $(version)=test-python$(version)' \
        'CPython tests $(version), short=conform-short-python$(version)') \
    'Python 3.15=test-python3.15' \
    'CPython tests 3.15=conform-standing-python3.15' \
    'wheel for 3.14t=wheel-3.14t' \
    'wheel for 3.15t=wheel-3.15t'

test: $(BUILT) ## builds and passes every test
	+@MAKE='$(MAKE)' $(BIN)/python tools/parts.py $(PARTS) \
	    $(if $(filter true,$(CI)),$(CI_PARTS),$(LOCAL_PARTS))

# The long runs of our own tests, CPython's suites and other projects', on every Python.
NIGHTLY_PARTS := $(PARTS) \
    'CPython 3.14 and 3.15=pythons' \
    $(foreach version,3.12 3.13 3.14 3.15,'Python $(version)=test-python$(version)') \
    'Python 3.15 with its JIT=test-jit' \
    'proof of native, 3.15=test-proof-python3.15' \
    $(foreach version,3.11 3.12 3.13 3.14 3.15, \
        'CPython tests $(version)=conform-nightly-python$(version)') \
    'other projects=suites'

nightly: export THREEPLY_FAULT_RUNS ?= 200
nightly: export THREEPLY_STRESS_SECONDS ?= 60
nightly: export LONG = 3.11 3.12 3.13 3.14 3.15
nightly: $(BUILT) ## everything on every Python, for hours
	+@MAKE='$(MAKE)' PARTS_SECONDS=14400 $(BIN)/python tools/parts.py $(NIGHTLY_PARTS)

lint: lint-rust lint-python ## formats and lints, Rust and Python, and mypy

# tests/cpython/conform.mk defines conform and conform-short.
-include tests/cpython/conform.mk

# tests/suites/suites.mk defines suites.
-include tests/suites/suites.mk

bench: $(BENCH)/.stamps/$(VERSION)/bench $(BENCH)/.stamps/$(VERSION)/wheel ## benchmarks [ROOM=…] against the standard library and peers
	$(BENCH)/bin/python benches/run.py $(ROOM)

loom: ## models of the engine, with every interleaving of few steps
	RUSTFLAGS='--cfg loom' CARGO_TARGET_DIR=$(CURDIR)/target/loom \
	    CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
	    cargo test --locked --quiet --release -p threeply --test 'loom_*'

miri: ## the engine's wait queue and guarded data under miri, where the nightly toolchain has it
	@if ! cargo +nightly miri --version >/dev/null 2>&1 || \
	    ! test -d "$$(rustc +nightly --print sysroot)/lib/rustlib/src/rust/library"; then \
	    echo 'skipped: this toolchain has no miri (rustup +nightly component add miri rust-src)'; \
	else \
	    CARGO_TARGET_DIR=$(CURDIR)/target/miri RUST_BACKTRACE=0 MIRIFLAGS=-Zmiri-ignore-leaks \
	        cargo +nightly miri test --locked --quiet \
	        -p threeply --test park_queue --test threading_event --test threading_lock \
	        --test threading_mutex --test threading_rwlock --test futures_future; \
	fi

pythons: ## makes CPython 3.14 and 3.15 outside the checkout (see docs/pythons.md)
	@tools/pythons

clean: ## removes all that was made
	rm -rf target .venv .venv-* .build python/threeply/_threeply.*.so
	find . -name __pycache__ -prune -exec rm -rf {} +

# --- The parts of the verbs

.PHONY: lint-rust lint-python test-engine test-docs test-python test-stubs test-coverage test-sdist
lint-rust:
	@if cargo fmt --version >/dev/null 2>&1; then \
	    set -x; cargo fmt --all --check; \
	else echo 'skipped: this toolchain has no rustfmt'; fi
	@if cargo clippy --version >/dev/null 2>&1; then \
	    set -ex; export $(RUST); \
	    cargo clippy --locked --quiet --workspace --all-targets -- -D warnings; \
	    RUSTFLAGS='--cfg loom' CARGO_TARGET_DIR=target/loom \
	        cargo clippy --locked --quiet -p threeply --lib --tests -- -D warnings; \
	else echo 'skipped: this toolchain has no clippy'; fi

lint-python: $(BUILT) $(STAMPS)/lint
	$(BIN)/ruff check --quiet
	$(BIN)/ruff format --check --quiet
	$(BIN)/mypy

test-engine: ## the engine's tests, its documentation's examples, and that it knows no Python
	$(RUST) cargo test --locked --quiet -p threeply
	$(RUST) cargo run --locked --quiet -p threeply --example words -- docs
	@tree=$$(cargo tree --locked -p threeply -e all --target all --prefix none) || exit 1; \
	if echo "$$tree" | grep pyo3; then echo 'the engine depends on pyo3'; exit 1; fi

test-docs:
	$(RUST) RUSTDOCFLAGS='-D warnings' cargo doc --locked --quiet --no-deps -p threeply

# In the continuous integration only the oldest and the newest Python have the long fault runs and
# stresses that it asks for. Those between show that they run; `LONG` is set to have more of them.
LONG ?= 3.11 3.15
SHORT := $(if $(filter true,$(CI)),$(if $(filter $(VERSION),$(LONG)),,\
    THREEPLY_FAULT_RUNS=5 THREEPLY_STRESS_SECONDS=2))

test-python: $(BUILT) $(STAMPS)/test ## our Python tests
	$(SHORT) $(BIN)/python -m pytest -q -n 2 --dist loadgroup

test-stubs: $(BUILT) $(STAMPS)/lint
	MYPYPATH=python $(BIN)/python tools/stubtest.py

# That native names run no Python, watched in the tests of the rooms that have any. A test that
# is watched takes up to three times its time.
.PHONY: test-proof
test-proof: $(BUILT) $(STAMPS)/test
	$(BIN)/python -m pytest -q -n 2 --dist loadgroup -p proof -o timeout=180 -o faulthandler_timeout=170 \
	    $(foreach room,queue signal concurrent threading,tests/python/$(room))

test-coverage: $(BUILT)
	$(BIN)/python -m threeply.coverage

# The wheel that pip builds from the source distribution is whole, and a program runs on it.
SDIST := target/sdist
test-sdist: $(STAMPS)/build
	@rm -rf $(SDIST) && mkdir -p $(SDIST)/wheel
	$(BIN)/maturin sdist --out $(SDIST) >/dev/null
	PATH=$(CURDIR)/$(BIN):$$PATH CARGO_TARGET_DIR=$(CURDIR)/target/build \
	    MATURIN_PEP517_ARGS='--profile quick' $(BIN)/python -m pip wheel -q --disable-pip-version-check --no-deps \
	    --no-build-isolation --wheel-dir $(SDIST)/wheel $(SDIST)/*.tar.gz
	@$(BIN)/python tools/wheel.py $(VERSION) $(SDIST)/wheel
	$(PYTHON) -m venv --without-pip $(SDIST)/venv
	$(BIN)/python -m pip --python $(SDIST)/venv/bin/python install -q --disable-pip-version-check \
	    --no-deps $(SDIST)/wheel/*.whl
	$(SDIST)/venv/bin/python -P -m threeply -c 'import queue, sys; \
	    assert "threeply" in sys.modules and "Core" in queue.Queue.__mro__[1].__name__'

# --- Other Pythons (see docs/pythons.md)

.PHONY: $(OTHERS:%=test-%)
$(OTHERS:%=test-%): test-%:
	$(call other,test-python)

.PHONY: test-proof-python3.15
test-proof-python3.15: test-proof-%:
	$(call other,test-proof)

.PHONY: test-jit
test-jit:
	+@PYTHON_JIT=1 $(MAKE) --no-print-directory test-python3.15

# --- Free-threaded Pythons: their wheels are compile-checked, not tested

.PHONY: wheel-3.14t wheel-3.15t
wheel-3.14t wheel-3.15t: wheel-%: $(STAMPS)/build
	@rm -rf target/wheels/$*
	PYO3_CONFIG_FILE=$(CURDIR)/tools/pyo3/$*.txt CARGO_TARGET_DIR=$(CURDIR)/target/free-threaded \
	    $(BIN)/maturin build --profile quick --locked --quiet --out target/wheels/$*
	@$(BIN)/python tools/wheel.py $* target/wheels/$* && echo 'compile-checked, not tested'
