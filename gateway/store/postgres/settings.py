"""postgresql.conf: small, durable, quiet about people."""

from __future__ import annotations

from gateway.store.postgres.folder import Folder

SETTINGS = {
    "max_connections": "80",
    "shared_buffers": "96MB",
    "effective_cache_size": "512MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "512MB",
    # Parallel queries need /dev/shm, which is 64 MB in a container, and gain nothing on short queries.
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "unix_socket_permissions": "0700",
    "log_line_prefix": "%m [%p] ",
    # Names and addresses of people stand in statements, in their parameters, in the details of an error ("Key
    # (email)=(...) already exists") and in errors themselves ("invalid input syntax ..."). The client is told
    # all of it; the log keeps what concerns the server: LOG, FATAL and PANIC, without details.
    "log_statement": "none",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_checkpoints": "off",
}

FAST_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "io_method": "sync",
    "autovacuum": "off",
}
"""For tests: whatever was written is lost or broken after a power cut, and no statistics are kept fresh."""


def configuration(folder: Folder, *, fast: bool) -> str:
    """The text of postgresql.conf; `local.conf` of the operator is read last."""
    chosen = SETTINGS | (FAST_SETTINGS if fast else {})
    chosen |= {
        "hba_file": str(folder.etc / "pg_hba.conf"),
        "ident_file": str(folder.etc / "pg_ident.conf"),
    }
    lines = ["# Written at every start. Settings of your own go into local.conf, one folder up."]
    lines += [f"{name} = {_quoted(value)}" for name, value in chosen.items()]
    lines.append(f"include_if_exists {_quoted(str(folder.root / 'local.conf'))}")
    return "\n".join(lines) + "\n"


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
