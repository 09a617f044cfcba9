"""Entries of `errors`: each has a code and says whether trying again may help; nothing internal leaks."""

from __future__ import annotations

import logging
import secrets
import traceback

from graphql import GraphQLError, GraphQLSyntaxError

from doorstep.errors import DoorstepError, InvalidInput

_log = logging.getLogger("gateway.api")


def presented(error: GraphQLError, fallback_code: str = "BAD_REQUEST") -> GraphQLError:
    """The error as a client may see it. What nobody expected is logged, and only the log's id is told."""
    original = error.original_error
    while isinstance(original, GraphQLError):
        original = original.original_error
    if isinstance(original, DoorstepError):
        return _dressed(error, original.message, _facts_of(original))
    if original is not None and _is_ours(error):
        return _masked(error, original)
    given = dict(error.extensions or {})
    if isinstance(error, GraphQLSyntaxError):
        given.setdefault("code", "SYNTAX_ERROR")
    given.setdefault("code", fallback_code)
    given.setdefault("retryable", False)
    return _dressed(error, error.message, given)


def _is_ours(error: GraphQLError) -> bool:
    # What fails while a client's values are read has nodes of the document but no path in the answer.
    return error.path is not None or not error.nodes


def _facts_of(error: DoorstepError) -> dict[str, object]:
    facts: dict[str, object] = {"code": error.code, "retryable": error.retryable}
    if error.path:
        facts["inputPath"] = list(error.path)
    if isinstance(error, InvalidInput):
        facts["issues"] = [
            {"path": list(issue.path), "code": issue.code, "message": issue.message}
            for issue in error.issues[:50]
        ]
    return facts


def _masked(error: GraphQLError, original: BaseException) -> GraphQLError:
    error_id = f"err_{secrets.token_hex(8)}"
    # Where and what kind, never the message: it may quote rows, which are personal data.
    where = [
        f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(original.__traceback__)[-5:]
    ]
    path = ".".join(str(step) for step in error.path or ())
    _log.error("unexpected %s %s at %s, from %s", type(original).__name__, error_id, path, " ".join(where))
    facts: dict[str, object] = {"code": "INTERNAL", "retryable": True, "errorId": error_id}
    return _dressed(error, f"Something went wrong on our side. Name {error_id} when you ask.", facts)


def _dressed(error: GraphQLError, message: str, extensions: dict[str, object]) -> GraphQLError:
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )
