"""A log of where vans were, the last place of each, and keys of their phones as hashes."""

from __future__ import annotations

import re
from pathlib import Path

from alembic import op

from gateway.store.migrations.tenancy import admit_application, isolate

revision = "r0012"
down_revision = "r0011"
branch_labels = None
depends_on = None

DOOR = """
    CREATE FUNCTION door_device(given_hash text) RETURNS TABLE (merchant_id text, driver_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
    $$ SELECT k.merchant_id, k.driver_id FROM device_keys k WHERE k.hash = given_hash $$
"""


def upgrade() -> None:
    statements = Path(__file__).with_suffix(".sql").read_text()
    op.execute(statements)
    for table in re.findall(r"CREATE TABLE (\w+)", statements):
        isolate(table)
    op.execute(DOOR)
    admit_application()
