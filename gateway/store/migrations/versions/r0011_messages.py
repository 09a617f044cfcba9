"""Webhooks that merchants' systems are called with, and what shoppers are told."""

from __future__ import annotations

import re
from pathlib import Path

from alembic import op

from gateway.store.migrations.tenancy import admit_application, isolate

revision = "r0011"
down_revision = "r0010"
branch_labels = None
depends_on = None

DOORS = (
    """
    CREATE FUNCTION door_webhooks_due(given_now timestamptz) RETURNS TABLE (
        merchant_id text, endpoint_id text
    ) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
    $$ SELECT DISTINCT c.merchant_id, c.endpoint_id
       FROM webhook_calls c WHERE c.due_at <= given_now LIMIT 1000 $$
    """,
    """
    CREATE FUNCTION door_notices_due(given_now timestamptz) RETURNS SETOF text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
    $$ SELECT DISTINCT n.merchant_id FROM notices n WHERE n.due_at <= given_now LIMIT 1000 $$
    """,
    """
    CREATE FUNCTION door_notice_account(given_id text) RETURNS TABLE (
        merchant_id text, provider text, sealed bytea
    ) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
    $$ SELECT a.merchant_id, a.provider, a.sealed FROM notice_accounts a WHERE a.id = given_id $$
    """,
)


def upgrade() -> None:
    statements = Path(__file__).with_suffix(".sql").read_text()
    op.execute(statements)
    for table in re.findall(r"CREATE TABLE (\w+)", statements):
        isolate(table)
    for door in DOORS:
        op.execute(door)
    admit_application()
