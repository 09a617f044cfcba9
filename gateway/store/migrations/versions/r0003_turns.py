"""Stores take turns at being told, what was refused is due again, and old webhooks are found by index."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "r0003"
down_revision = "r0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text())
