# Other projects' test suites, under python and under threeply; see README.md beside
# this file. Stands in the Makefile, whose variables it uses.

SUITES := cd tests/suites && "$(abspath $(BIN))/python" -m suites

.PHONY: suites suites-pin
suites: $(WHEELS)/built ## other projects' suites [NAME=…] [ROOM=…] under python and threeply
	@$(SUITES) run --save --python "$(PYTHON)" --wheel $(abspath $(WHEELS))/*.whl \
	    --name $(NAME) --room $(ROOM)

suites-pin: $(STAMPS)/build ## pins what the suites [NAME=…] stand on to what pip finds today
	@$(SUITES) pin --python "$(PYTHON)" --name $(NAME) --room $(ROOM)
