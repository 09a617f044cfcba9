"""People, whose keys are whose, and indexes of the queue."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from gateway.store.migrations.tenancy import admit_application, isolate

revision = "r0015"
down_revision = "r0014"
branch_labels = None
depends_on = None

DOOR = """
    CREATE FUNCTION door_api_key(given_hash text) RETURNS TABLE (
        id text, merchant_id text, audience text, scopes text[], allowed_origins text[],
        expires_at timestamptz, revoked_at timestamptz, person_id text
    ) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
    $$ SELECT k.id, k.merchant_id, k.audience, k.scopes, k.allowed_origins, k.expires_at, k.revoked_at,
           k.person_id
       FROM api_keys k WHERE k.hash = given_hash $$
"""


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text())
    isolate("people")
    op.execute(DOOR)
    admit_application()
