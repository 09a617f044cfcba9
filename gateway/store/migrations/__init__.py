"""Alembic's migrations, run by `gateway.store.migrate` as the owner of the database."""
