"""Tours by their stops, and plans by what they left out: indexes for what dispatchers ask again and again."""

from __future__ import annotations

import re
from pathlib import Path

from alembic import op

from gateway.store.migrations.tenancy import admit_application, isolate

revision = "r0009"
down_revision = "r0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    statements = Path(__file__).with_suffix(".sql").read_text()
    op.execute(statements)
    for table in re.findall(r"CREATE TABLE (\w+)", statements):
        isolate(table)
    admit_application()
