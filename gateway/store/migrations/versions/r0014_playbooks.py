"""Playbooks that merchants save: what is done about exceptions, step by step."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from gateway.store.migrations.tenancy import isolate

revision = "r0014"
down_revision = "r0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text())
    isolate("playbooks")
