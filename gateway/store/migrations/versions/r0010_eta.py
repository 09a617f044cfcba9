"""Arrivals that were foretold, and versions of what foretells them."""

from __future__ import annotations

import re
from pathlib import Path

from alembic import op

from gateway.store.migrations.tenancy import admit_application, isolate

revision = "r0010"
down_revision = "r0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    statements = Path(__file__).with_suffix(".sql").read_text()
    op.execute(statements)
    for table in re.findall(r"CREATE TABLE (\w+)", statements):
        isolate(table)
    admit_application()
