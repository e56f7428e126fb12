DOCUMENTS ?= documents
PYTHON ?= python3
BIN = .venv/bin

.PHONY: chat test eval lint clean

chat: .venv/installed
	$(BIN)/python app.py --documents "$(DOCUMENTS)"

test: .venv/installed-dev
	$(BIN)/python -m pytest

eval: .venv/installed
	$(BIN)/python -m eval --documents documents

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

.venv/installed: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check -q -e .
	touch $@

.venv/installed-dev: .venv/installed pyproject.toml
	$(BIN)/python -m pip install --disable-pip-version-check -q -e ".[dev]"
	touch $@

clean:
	rm -rf .venv .counterpoint
