"""Files that shopper, driver and desk put into their thread."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from gateway.store.migrations.tenancy import isolate

revision = "r0016"
down_revision = "r0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text())
    isolate("uploads")
