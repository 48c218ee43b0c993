# The few commands people type. Each prepares what it needs (tools/bootstrap.sh).
.PHONY: demo build test test-full check bench generate format clean
PYTHON := .venv/bin/python
export PYTHONPATH := $(CURDIR)/python

demo: build  ## train a small model on handwritten digits, in Python and in C++
	@tools/build.sh release examples
	@$(PYTHON) examples/digits_demo.py

build:       ## libtenon and the Python extension, into python/tenon
	@tools/bootstrap.sh build
	@tools/build.sh release python $(if $(WERROR),-DTENON_WERROR=$(WERROR))

test:        ## everything that should pass before a change is sent
	@tools/bootstrap.sh test
	@tools/build.sh release all $(if $(WERROR),-DTENON_WERROR=$(WERROR))
	@ctest --preset release
	@$(PYTHON) -m pytest -q -m "not slow" tests/python

test-full: test  ## and the tests that take long
	@$(PYTHON) -m pytest -q -m slow tests/python || [ $$? -eq 5 ]  # 5: there are none

check:       ## style, types, include graph, docs, sanitizers, fuzzing
	@tools/bootstrap.sh check
	@tools/check.sh

bench:       ## speed, beside PyTorch (installed apart, 5.8 GB) and the physical limits
	@tools/bootstrap.sh bench
	@tools/build.sh release python
	@tools/bench.sh

generate:    ## write tenon/ops/functions.h and its kin anew from the op records
	@tools/bootstrap.sh build
	@tools/generate.sh

format:      ## rewrite the sources in the house style
	@tools/bootstrap.sh check
	@tools/format.sh fix

clean:
	@rm -rf build dist python/tenon/*.so* python/tenon/*.dylib
