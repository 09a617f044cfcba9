"""Who sends a request with a secret key in its head: for files that are no GraphQL."""

from __future__ import annotations

from starlette.requests import Request

from doorstep.secret import Secret
from gateway.api.ports.session import CredentialRejected, RequestInfo
from gateway.auth.caller import Audience, Scope
from gateway.bootstrap.house import House
from gateway.bootstrap.sessions import Door


async def merchant_with_key(house: House, request: Request, *, refusal: str) -> str:
    """Id of the merchant whose secret key came as `Authorization: Bearer sk_…`.

    Parameters
    ----------
    refusal
        What is told to whoever sends none, or one of another kind.

    Raises
    ------
    CredentialRejected
        If there is no good secret key that may read.
    """
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise CredentialRejected(refusal)
    caller = (await Door(house).open(Secret(key.strip()), RequestInfo())).caller
    if caller.audience is not Audience.SECRET or not caller.may(Scope.READ):
        raise CredentialRejected(refusal)
    return caller.merchant_id
