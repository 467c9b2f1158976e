strata := .build/release/strata
sources = $(wildcard Package.swift Sources Tests Examples Benchmarks Fuzz)

.PHONY: help setup build run test test-baseline bench bench-peers bench-sweeps fuzz format check clean

help: ## print this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 13

setup: ## install the libraries that are missing (Debian, Ubuntu)
	@Scripts/setup

build: setup ## build .build/release/strata
	swift build -c release --product strata

run: build ## train a network on Fashion-MNIST and evaluate it
	$(strata) train mlp --data fashion-mnist --epochs 5 -o mlp-trained.keras
	$(strata) evaluate mlp-trained.keras --data fashion-mnist

# A plain `swift test -c release` would compile everything again with other flags.
test: setup ## build, run all tests and examples, check the sources
	Scripts/golden/environment
	swift build -c release --build-tests
	swift test -c release --skip-build --disable-xctest
	Scripts/test-examples
	Scripts/check

# oneDNN's and our own kernels as on a processor with nothing beyond SSE 4.1.
test-baseline: setup ## run the CPU engine's tests without AVX
	ONEDNN_MAX_CPU_ISA=SSE41 swift test -c release --scratch-path .build/baseline \
	  -Xcc -DCK_BASELINE --disable-xctest --filter CPUEngineTests

bench: build ## measure training steps and predictions, and say what moved
	python3 Benchmarks/peers/compare.py

bench-peers: build ## measure Keras and PyTorch on the same workloads
	Scripts/bench-peers

bench-sweeps: build ## look for sizes at which Strata is suddenly slow
	Scripts/bench-sweeps

fuzz: setup ## feed the readers of files with damaged ones, a minute each
	Scripts/fuzz

format: ## format the sources in place
	find $(sources) -name '.build*' -prune -o -name '*.swift' -print0 | \
	  xargs -0 swift format --in-place --parallel

check: ## check formatting, lengths of files and what must not be in the repository
	Scripts/check

clean: ## remove what was built
	rm -rf .build Examples/.build Benchmarks/.build Fuzz/.build
