"""Tours by their stops, plans by what they left out, waves, and what drivers sign in with."""

from __future__ import annotations

import re
from pathlib import Path

from alembic import op

from gateway.store.migrations.tenancy import admit_application, isolate

revision = "r0009"
down_revision = "r0008"
branch_labels = None
depends_on = None

DOOR = """
    CREATE FUNCTION door_driver_session(given_hash text) RETURNS TABLE (
        id text, merchant_id text, driver_id text, expires_at timestamptz, ended_at timestamptz
    ) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
    $$ SELECT s.id, s.merchant_id, s.driver_id, s.expires_at, s.ended_at
       FROM driver_sessions s WHERE s.hash = given_hash $$
"""


def upgrade() -> None:
    statements = Path(__file__).with_suffix(".sql").read_text()
    op.execute(statements)
    for table in re.findall(r"CREATE TABLE (\w+)", statements):
        isolate(table)
    op.execute(DOOR)
    admit_application()
