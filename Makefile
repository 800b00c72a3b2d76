# The verbs of the house. `make help` lists them.
#
#   PY     the interpreter: a name (python3.13) or a path. Each version has a venv
#          and a build of its own.
#   ROOM   one room, for `bench` and `conform`.

PY ?= python3
PYTHON := $(shell tools/python $(PY))
VERSION := $(shell test -n "$(PYTHON)" && "$(PYTHON)" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
DEFAULT := $(shell tools/python python3)
VENV := $(if $(filter $(DEFAULT),$(PYTHON)),.venv,.venv-$(VERSION))
BIN := $(VENV)/bin
export CARGO_TARGET_DIR := $(CURDIR)/target/python$(VERSION)

.DEFAULT_GOAL := help
.PHONY: help build

help: ## lists the verbs
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

$(BIN)/maturin:
	"$(PYTHON)" -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check 'maturin>=1.9,<2'

build: $(BIN)/maturin ## builds in release mode into the venv
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/maturin develop --release --quiet
