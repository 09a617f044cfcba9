"""What a store's checkout was shown, to be found by the order that comes of it."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "r0007"
down_revision = "r0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text())
