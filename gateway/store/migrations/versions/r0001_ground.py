"""The first tables, their row level security, its doors, and the job queue."""

from __future__ import annotations

import re
from pathlib import Path

from alembic import op
from procrastinate.schema import SchemaManager

from gateway.store.migrations.tenancy import admit_application, isolate

revision = "r0001"
down_revision = None
branch_labels = None
depends_on = None

DOORS = (
    """
    CREATE FUNCTION door_api_key(given_hash text) RETURNS TABLE (
        id text, merchant_id text, audience text, scopes text[], allowed_origins text[],
        expires_at timestamptz, revoked_at timestamptz
    ) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
    $$ SELECT k.id, k.merchant_id, k.audience, k.scopes, k.allowed_origins, k.expires_at, k.revoked_at
       FROM api_keys k WHERE k.hash = given_hash $$
    """,
    """
    CREATE FUNCTION door_store(given_id text) RETURNS TABLE (merchant_id text, platform text, sealed bytea)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
    $$ SELECT s.merchant_id, s.platform, s.sealed FROM stores s WHERE s.id = given_id $$
    """,
    """
    CREATE FUNCTION door_store_by_shop(given_platform text, given_external_id text) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
    $$ SELECT s.id FROM stores s WHERE s.platform = given_platform AND s.external_id = given_external_id $$
    """,
    """
    CREATE FUNCTION door_carrier(given_id text) RETURNS TABLE (merchant_id text, carrier text, sealed bytea)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
    $$ SELECT a.merchant_id, a.carrier, a.sealed FROM carrier_accounts a WHERE a.id = given_id $$
    """,
    """
    CREATE FUNCTION door_device(given_id text) RETURNS TABLE (merchant_id text, driver_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
    $$ SELECT d.merchant_id, d.id FROM drivers d WHERE d.device_id = given_id $$
    """,
    """
    CREATE FUNCTION door_merchants() RETURNS SETOF text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
    $$ SELECT m.id FROM merchants m ORDER BY m.id $$
    """,
)
"""What must be found before the merchant is known: key, shop, account or device -> merchant. Nothing else."""


def upgrade() -> None:
    tables = Path(__file__).with_suffix(".sql").read_text()
    op.execute(tables)
    for table in re.findall(r"CREATE TABLE (\w+)", tables):
        isolate(table)
    for door in DOORS:
        op.execute(door)
    # Given to psycopg without parameters, so that the percent signs of the script stay what they are.
    driver = op.get_bind().connection.driver_connection
    assert driver is not None  # noqa: S101 - we are inside a transaction
    driver.cursor().execute(SchemaManager.get_schema())
    admit_application()
