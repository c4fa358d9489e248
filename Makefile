# Everything one does with this project. Each verb fills .venv first, if it is missing or stale.

PYTHON ?= python3
BIN := .venv/bin

# Another project's active environment must not reach into ours.
unexport PYTHONHOME PYTHONPATH VIRTUAL_ENV PIP_PREFIX PIP_REQUIRE_VIRTUALENV PIP_TARGET PIP_USER
# Without bytecode on the disk, each of the many processes would compile all libraries again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test lint soak bench catalogue lock clean install

help: ## zeigt diese Liste
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

demo: install ## startet Homeserver, Kurs und Bot zum Ausprobieren
	@$(BIN)/kursbot demo

DATABASE ?= sqlite
test: lint ## prüft Stil und Typen, dann alle Tests; DATABASE=postgresql: auf PostgreSQL
	@KURSBOT_TEST_DATABASE=$(DATABASE) $(BIN)/python -m pytest -m "not soak" -n 3 --dist worksteal

lint: install ## prüft Stil, Typen und die Richtung der Importe
	@$(BIN)/python -m ruff check
	@$(BIN)/python -m ruff format --check
	@$(BIN)/python -m mypy
	@$(BIN)/python $(BIN)/lint-imports

soak: install ## Dauerläufe: Abstürze und Störungen zu Hunderten
	@$(BIN)/python -m pytest -m soak -rP

bench: install ## misst Antwortzeit, Rechenzeit und Speicher
	@$(BIN)/python -m tests.bench

catalogue: install ## schreibt den Datenkatalog in deploy/DATENSCHUTZ.md neu
	@$(BIN)/python -m deploy.data_catalogue

lock: install ## schreibt alle requirements*.txt neu
	@$(BIN)/python -m uv --version >/dev/null 2>&1 || { \
		echo "Dafür braucht es uv in .venv: $(BIN)/python -m pip install uv"; exit 1; }
	@$(LOCK) --output-file requirements.txt
	@$(LOCK) --extra postgresql --constraint requirements.txt --output-file requirements-postgresql.txt
	@$(LOCK) --extra dev --constraint requirements.txt --output-file requirements-dev.txt
LOCK = $(BIN)/python -m uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header

clean: ## entfernt .venv und alle Zwischenergebnisse
	@rm -rf .venv dist tests/matrix/peer/node_modules .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

install:
	@command -v "$(PYTHON)" >/dev/null || { \
		echo "Es fehlt Python 3.11 bis 3.14 ($(PYTHON) gibt es hier nicht)."; exit 1; }
	@"$(PYTHON)" -I deploy/bootstrap.py
