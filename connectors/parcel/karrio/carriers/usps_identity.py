"""USPS's second token: who pays for a label (Payments 3.0)."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.calling import Answer, Caller, Request
from connectors.parcel.karrio.client import Send, TokenIdentity, json_content
from connectors.sign_in import Granted, SignIn
from doorstep.deadline import Deadline
from doorstep.errors import AccountProblem
from doorstep.json_reading import text
from doorstep.secret import Secret

PAID = "paid"

# USPS lets it last for eight hours; an hour is plenty and harmless.
_LASTS_S = 3_600.0


class PaidIdentity:
    """The usual token, and one that lets labels be bought on an EPS account."""

    def __init__(
        self, caller: Caller, usual: TokenIdentity, account: Mapping[str, Secret], host: str
    ) -> None:
        self._caller = caller
        self._usual = usual
        self._account = account
        self._url = f"{host}/payments/v3/payment-authorization"
        self._sign_in = SignIn(caller, self._fetch)

    async def authorised(self, send: Send, deadline: Deadline) -> Answer:
        """Make a call with both tokens."""
        payment = await self._sign_in.token(deadline)

        async def with_both(proof: Mapping[str, str]) -> Answer:
            return await send({**proof, "X-Payment-Authorization-Token": payment.reveal()})

        return await self._usual.authorised(with_both, deadline)

    async def sign_in(self, deadline: Deadline) -> None:
        """Fetch both, or have them."""
        await self._sign_in.token(deadline)

    async def _fetch(self, deadline: Deadline) -> Granted:
        async def ask(proof: Mapping[str, str]) -> Answer:
            content = json_content({"roles": self._roles()})
            return await self._caller.send(Request("POST", self._url, proof, content=content), deadline)

        answer = await self._usual.authorised(ask, deadline)
        token = text(answer.body, "paymentAuthorizationToken")
        if answer.is_yes and token:
            return Granted(Secret(token), _LASTS_S)
        if 400 <= answer.status < 500:
            raise AccountProblem(
                "USPS does not let this account pay for labels. Check the EPS account number, its means of "
                "payment, the CRID and the MID.",
                system=self._caller.system,
                raw_code=str(answer.status),
            )
        raise self._caller.unavailable("USPS's payment is not working at the moment.", str(answer.status))

    def _roles(self) -> list[dict[str, str]]:
        role = {
            "CRID": self._account["crid"].reveal(),
            "MID": self._account["mid"].reveal(),
            "accountType": "EPS",
            "accountNumber": self._account["account_number"].reveal(),
        }
        manifest_mid = self._account["manifest_mid"].reveal() or role["MID"]
        owner = {**role, "roleName": "LABEL_OWNER", "manifestMID": manifest_mid}
        return [owner, {**role, "roleName": "PAYER"}]
