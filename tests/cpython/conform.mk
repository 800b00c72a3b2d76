# CPython's own tests over the installed rooms; see README.md beside this file.
# Stands in the Makefile, whose variables it uses.

CONFORM := cd tests/cpython && "$(abspath $(BIN))/python" -m conform
# Suites at a time. They sleep more than they compute: two to a processor.
CONFORM_JOBS ?= 4
# How often `conform-nightly` repeats a flaky test on each side.
CONFORM_REPEATS ?= 60
CONFORM_ARGUMENTS = --jobs $(CONFORM_JOBS) --python "$(PYTHON)"

.PHONY: conform conform-short conform-standing conform-baseline conform-rebase conform-status
conform: $(BUILT) ## CPython's own tests [ROOM=…] over the rooms, in place of the standard modules
	@$(CONFORM) run --save $(CONFORM_ARGUMENTS) $(ROOM)

# These do not touch the kept results.
conform-short: $(BUILT)
	@$(CONFORM) run $(CONFORM_ARGUMENTS) short

conform-standing: $(BUILT) ## the suites of the rooms that are ours, and the short part of the others
	@$(CONFORM) run $(CONFORM_ARGUMENTS) standing short

conform-baseline: $(BUILT) ## the same tests over the plain standard library, to compare with
	@$(CONFORM) baseline $(CONFORM_ARGUMENTS) $(ROOM)

conform-rebase: $(BUILT) ## makes a record of a patch release that has none
	@$(CONFORM) rebase $(CONFORM_ARGUMENTS) $(ROOM)

conform-status: ## how much of the kept results is fresh, stale, or was never made
	@cd tests/cpython && "$(PYTHON)" -m conform status

# Every suite, with its flaky tests compared on both sides.
.PHONY: conform-nightly
conform-nightly: $(BUILT)
	@$(CONFORM) run --repeats $(CONFORM_REPEATS) $(CONFORM_ARGUMENTS) $(ROOM)

# The same on a Python of the machine, whichever PY is: conform-standing-python3.15.
define conform_on
.PHONY: $(EVERY:%=$(1)-%)
$(EVERY:%=$(1)-%): $(1)-%:
	$$(call other,$(1))
endef
$(foreach verb,conform-short conform-standing conform-nightly,$(eval $(call conform_on,$(verb))))
