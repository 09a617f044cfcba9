"""What a sender is told while the database does not answer: come again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

log = structlog.get_logger(__name__)

Endpoint = Callable[[Request], Awaitable[Response]]


def or_come_again(endpoint: Endpoint) -> Endpoint:
    """Answer 503 where the database is away; every sender of ours repeats what was answered so."""

    async def guarded(request: Request) -> Response:
        try:
            return await endpoint(request)
        except ClientDisconnect:
            # Nobody is there to read the answer.
            return PlainTextResponse("", status_code=400)
        except (SQLAlchemyError, OSError) as error:
            # The type only: messages of databases quote rows, and what was looked up may be a credential.
            log.warning("the database did not answer", error=type(error).__name__)
            return PlainTextResponse("could not be kept; please send it again", status_code=503)

    return guarded
