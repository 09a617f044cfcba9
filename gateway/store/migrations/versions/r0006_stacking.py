"""Deliveries that go together with one courier, and what waits for company."""

from __future__ import annotations

import re
from pathlib import Path

from alembic import op

from gateway.store.migrations.tenancy import isolate

revision = "r0006"
down_revision = "r0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    tables = Path(__file__).with_suffix(".sql").read_text()
    op.execute(tables)
    for table in re.findall(r"CREATE TABLE (\w+)", tables):
        isolate(table)
