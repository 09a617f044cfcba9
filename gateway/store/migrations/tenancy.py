"""Row level security in words: what a migration says of a tenant's table."""

from __future__ import annotations

from alembic import op

from gateway.store.tables import APP_ROLE

# Once set on a connection the setting reads '' later, not NULL (measured on PostgreSQL 18).
CURRENT_MERCHANT = "nullif(current_setting('app.merchant_id', true), '')"


def isolate(table: str) -> None:
    """Let the application see and write only the rows of the merchant it works for.

    Security is forced, so the owner is bound as well; it gets a policy of its own, without which its data
    migrations would see no rows, and the door functions, which run as the owner, would find nobody.
    """
    op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
    op.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
    op.execute(
        f'CREATE POLICY tenant ON "{table}" TO {APP_ROLE} '
        f"USING (merchant_id = {CURRENT_MERCHANT}) WITH CHECK (merchant_id = {CURRENT_MERCHANT})"
    )
    op.execute(f'CREATE POLICY owner ON "{table}" TO CURRENT_USER USING (true) WITH CHECK (true)')
    op.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table}" TO {APP_ROLE}')


def admit_application() -> None:
    """Let the application use the job queue and the doors, and read which schema it meets."""
    op.execute(f"GRANT SELECT ON alembic_version TO {APP_ROLE}")
    op.execute(
        f"""
        DO $$ DECLARE item record; BEGIN
          FOR item IN SELECT tablename FROM pg_tables
                      WHERE schemaname = 'public' AND tablename LIKE 'procrastinate%' LOOP
            EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO {APP_ROLE}', item.tablename);
          END LOOP;
          FOR item IN SELECT sequencename FROM pg_sequences
                      WHERE schemaname = 'public' AND sequencename LIKE 'procrastinate%' LOOP
            EXECUTE format('GRANT USAGE, SELECT ON SEQUENCE %I TO {APP_ROLE}', item.sequencename);
          END LOOP;
          FOR item IN SELECT p.oid::regprocedure AS name
                      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
                      WHERE n.nspname = 'public' AND p.proname LIKE 'door\\_%' LOOP
            EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', item.name);
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO {APP_ROLE}', item.name);
          END LOOP;
        END $$
        """  # noqa: S608 - a constant of ours, no input
    )
