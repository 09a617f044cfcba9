# Everything one does with this project. `make` alone lists it; each command sets up what it needs.

.DEFAULT_GOAL := help
.PHONY: help demo test check format schema bench chaos million woocommerce-plugin setup clean

help: ## Show this list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## Run the gateway in a simulated city (Python alone is enough; options: ARGS="--help")
	@scripts/set-up run
	@.venv/bin/doorstep demo $(ARGS)

test: setup ## Check everything and run every test
	@scripts/check all

check: setup ## The fast part: lint, types, import contracts, unit tests
	@scripts/check fast

format: setup ## Put the code into its format and mend what can be mended by rule
	@.venv/bin/ruff check --quiet --fix-only
	@.venv/bin/ruff format --quiet

schema: setup ## Write schema.graphql from the code
	@.venv/bin/python -m gateway.api > .cache/schema.graphql && mv .cache/schema.graphql schema.graphql

bench: setup ## Run a benchmark: NAME=… ARGS="…"; without NAME they are listed
	@.venv/bin/python -m bench $(NAME) $(ARGS)

chaos: setup ## The long proof that no order is lost: two stores that misbehave (ORDERS=100000, SEED=1)
	@.venv/bin/python -m bench sync --orders $(or $(ORDERS),100000) --seed $(or $(SEED),1)

million: setup ## The long proof that no token goes astray: a million calls for two shops
	@.venv/bin/python -m bench interleaved --calls $(or $(CALLS),1000000)

woocommerce-plugin: ## Build the plugin's installable zip in dist (needs Python alone)
	@python=$$(scripts/find-python) && "$$python" storefront/woocommerce-plugin/build dist

setup: ## Bring in what checks and tests need, and nothing that is there already
	@scripts/set-up check

clean: ## Remove what set-up, checks and builds have made
	@rm -rf .venv node_modules .cache dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
