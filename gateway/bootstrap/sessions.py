"""From a credential to a session: who is asking, and what is bound to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from doorstep.errors import TokenRejected
from doorstep.quote import DeliveryMode
from doorstep.secret import Secret
from gateway.api.documents import LinkedDocument
from gateway.api.ports import records as r
from gateway.api.ports.session import CredentialRejected, RequestInfo, Session
from gateway.auth.caller import Audience, Caller, Scope
from gateway.auth.file_links import FilePurpose
from gateway.auth.keys import PREFIXES, audience_of, hash_key
from gateway.auth.tokens import TrackingTokens
from gateway.bootstrap.commands import FlowCommands
from gateway.bootstrap.feeds import MerchantLive
from gateway.bootstrap.house import House
from gateway.plugins import Plugins
from gateway.store.database import Database
from gateway.store.driver_sessions import session_behind_door
from gateway.store.keys import key_behind_door
from gateway.store.queries.documents import cards_of
from gateway.store.queries.reads import SqlReads


def no_document_link(merchant_id: str, document_id: str) -> str:  # noqa: ARG001 - what a house without pages says
    """There is nowhere to read it."""
    return ""


class MerchantReads(SqlReads):
    """The store's reads, with what only others know: carriers that can be linked, and tracking tokens."""

    def __init__(
        self,
        database: Database,
        merchant_id: str,
        plugins: Plugins,
        tokens: TrackingTokens,
        document_link: Callable[[str, str], str] = no_document_link,
        file_link: Callable[[str, str], str] = no_document_link,
    ) -> None:
        super().__init__(database, merchant_id)
        self._plugins = plugins
        self._tokens = tokens
        self._document_link = document_link
        self._file_link = file_link

    async def carriers(self) -> list[r.CarrierCard]:
        """Every carrier that a plug-in speaks for, and the own fleet."""
        cards = [r.CarrierCard("own_fleet", "Own vans", DeliveryMode.OWN_FLEET)]
        return cards + [r.CarrierCard(p.carrier, p.name, p.mode) for p in self._plugins.carriers.values()]

    async def documents_of(self, leg_ids: Sequence[str]) -> Mapping[str, Sequence[LinkedDocument]]:
        """Of each leg, with links that open them."""
        async with self._database.tenant(self._merchant_id) as connection:
            found = await cards_of(connection, leg_ids)
        return {
            leg_id: [LinkedDocument(card, self._document_link(self._merchant_id, card.id)) for card in cards]
            for leg_id, cards in found.items()
        }

    def file_link(self, upload_id: str) -> str:
        """A signed address that shows a file of a thread."""
        return self._file_link(self._merchant_id, upload_id)

    async def tracking_grant(self, token: Secret) -> r.TokenGrant:
        """What a token of this merchant opens.

        Raises
        ------
        TokenRejected
            If it ended, or was never good for this merchant.
        """
        grant = self._tokens.read(token.reveal())
        if grant.merchant_id != self._merchant_id:
            raise TokenRejected("This tracking token is not valid here.")
        return r.TokenGrant(grant.delivery_id, grant.expires_at)


@dataclass(frozen=True, slots=True)
class Door:
    """The way into a house; see `gateway.api.ports.session.Sessions`."""

    house: House

    async def open(self, credential: Secret, request: RequestInfo) -> Session:  # noqa: ARG002 - the port's
        """Whose credential it is.

        Raises
        ------
        CredentialRejected
            If nobody's, or no longer.
        """
        text = credential.reveal()
        if text.startswith(PREFIXES[Audience.DRIVER]):
            caller = await self._by_driver_session(text)
        elif text.startswith(("pk_", "sk_")):
            caller = await self._by_key(text)
        else:
            caller = self._by_token(text)
        if caller.is_expired(self.house.clock.now()):
            raise CredentialRejected("This credential has expired.")
        return self._session(caller)

    def _session(self, caller: Caller) -> Session:
        house, merchant_id = self.house, caller.merchant_id
        return Session(
            caller=caller,
            reads=MerchantReads(
                house.database,
                merchant_id,
                house.plugins,
                house.tokens,
                self._document_link,
                self._file_link,
            ),
            commands=FlowCommands(house, merchant_id),
            live=MerchantLive(house.live, merchant_id),
        )

    def _document_link(self, merchant_id: str, document_id: str) -> str:
        token = self.house.document_links.issue(merchant_id, document_id)
        return f"{self.house.settings.base_url}/documents/{token}"

    def _file_link(self, merchant_id: str, upload_id: str) -> str:
        token = self.house.file_links.issue(FilePurpose.LOOK, merchant_id, upload_id)
        return f"{self.house.settings.base_url}/files/{token}"

    async def _by_key(self, text: str) -> Caller:
        _require_whole(text)
        async with self.house.database.doors() as connection:
            owner = await key_behind_door(connection, hash_key(text).hex())
        if owner is None or owner.revoked_at is not None:
            raise CredentialRejected("This key is unknown or was revoked.")
        return Caller(
            audience=Audience(owner.audience),
            merchant_id=owner.merchant_id,
            key_id=owner.id,
            scopes=frozenset(Scope(scope) for scope in owner.scopes),
            allowed_origins=frozenset(owner.allowed_origins),
            expires_at=owner.expires_at,
            person_id=owner.person_id,
        )

    async def _by_driver_session(self, text: str) -> Caller:
        _require_whole(text)
        async with self.house.database.doors() as connection:
            owner = await session_behind_door(connection, hash_key(text).hex())
        if owner is None or owner.ended_at is not None:
            raise CredentialRejected("This driver's session is unknown or was ended; ask for a new one.")
        return Caller(
            audience=Audience.DRIVER,
            merchant_id=owner.merchant_id,
            key_id=owner.id,
            scopes=frozenset(),
            expires_at=owner.expires_at,
            driver_id=owner.driver_id,
        )

    def _by_token(self, text: str) -> Caller:
        try:
            grant = self.house.tokens.read(text)
        except TokenRejected as rejection:
            raise CredentialRejected(rejection.message) from None
        return Caller(
            audience=Audience.TRACKING,
            merchant_id=grant.merchant_id,
            key_id="",
            scopes=frozenset(),
            delivery_id=grant.delivery_id,
            expires_at=grant.expires_at,
        )


def _require_whole(text: str) -> None:
    if audience_of(text) is None:
        raise CredentialRejected("This is no key of ours: it is mistyped or cut short.")
