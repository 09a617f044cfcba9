"""What a store's plugin needs: a door that finds the stores at an address, before their merchant is known."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from gateway.store.migrations.tenancy import admit_application

revision = "r0008"
down_revision = "r0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text())
    admit_application()
