"""How far each store is read, what it was told, its articles, and requests about people's data."""

from __future__ import annotations

import re
from pathlib import Path

from alembic import op

from gateway.store.migrations.tenancy import isolate

revision = "r0002"
down_revision = "r0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    tables = Path(__file__).with_suffix(".sql").read_text()
    op.execute(tables)
    for table in re.findall(r"CREATE TABLE (\w+)", tables):
        isolate(table)
    # How far a store is read was in the store's own document. Without it the next walk reads the store whole.
    op.execute("UPDATE stores SET doc = doc - 'synced_until'")
