"""What was wrong with something before is found without reading all that ever was."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "r0013"
down_revision = "r0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text())
