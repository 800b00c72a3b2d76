# CPython's own tests over the installed rooms; see README.md beside this file.
# Stands in the Makefile, whose variables it uses.

CONFORM := cd tests/cpython && "$(abspath $(BIN))/python" -m conform
CONFORM_JOBS ?= 2

.PHONY: conform conform-short conform-baseline
conform: $(BUILT) ## CPython's own tests [ROOM=…] over the rooms, in place of the standard modules
	@$(CONFORM) run --save --jobs $(CONFORM_JOBS) --python "$(PYTHON)" $(ROOM)

# Does not touch the kept results: they are of full runs.
conform-short: $(BUILT)
	@$(CONFORM) run --jobs $(CONFORM_JOBS) --python "$(PYTHON)" short

conform-baseline: $(BUILT) ## the same tests over the plain standard library, to compare with
	@$(CONFORM) baseline --jobs $(CONFORM_JOBS) --python "$(PYTHON)" $(ROOM)
