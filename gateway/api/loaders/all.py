"""The loaders that read many things at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cached_property

from strawberry.dataloader import DataLoader

from doorstep.clock import Clock
from doorstep.delivery import Delivery, DeliveryEvent
from doorstep.failed_attempt import FailedAttempt
from doorstep.incident import Incident
from doorstep.merchant import CarrierAccount, Merchant
from doorstep.money import Money
from doorstep.notice import Notice
from doorstep.order import FulfillmentOrder, Location, Order, Store
from doorstep.product import Product
from doorstep.quote import Choice, QuoteSet
from doorstep.rule import Rule
from doorstep.scorecard import CarrierCounts
from doorstep.slot import Slot, SlotHold, SlotTemplate
from doorstep.stack import Stack, Waiting
from doorstep.thread import Participant
from doorstep.webhook import WebhookEndpoint
from gateway.api.documents import LinkedDocument
from gateway.api.loaders.batches import MOST_KEYS, many, one
from gateway.api.loaders.desk import DeskLoaders
from gateway.api.loaders.playbooks import PlaybookLoaders
from gateway.api.loaders.slots import SlotKey, load_slots, load_window_costs
from gateway.api.loaders.tours import TourLoaders
from gateway.api.ports.records import CarrierCard, PageRequest
from gateway.api.ports.session import Session
from gateway.flow.learning.health import AccountHealth
from gateway.flow.ports import KeptBox
from gateway.flow.ports.checks import LinkChecks
from gateway.flow.ports.unknowns import UnknownCode
from gateway.flow.records import Quarantined, ReportStatus, StoreSync


class Loaders(TourLoaders, DeskLoaders, PlaybookLoaders):
    """One generation of loaders: what they have read once they do not read again."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._reads, self._commands, self._clock = session.reads, session.commands, clock

    @cached_property
    def order(self) -> DataLoader[str, Order | None]:
        return one(self._reads.orders)

    @cached_property
    def fulfillment_order(self) -> DataLoader[str, FulfillmentOrder | None]:
        return one(self._reads.fulfillment_orders)

    @cached_property
    def quote_set(self) -> DataLoader[str, QuoteSet | None]:
        return one(self._reads.quote_sets)

    @cached_property
    def choice(self) -> DataLoader[str, Choice | None]:
        return one(self._reads.choices)

    @cached_property
    def delivery(self) -> DataLoader[str, Delivery | None]:
        return one(self._reads.deliveries)

    @cached_property
    def incident(self) -> DataLoader[str, Incident | None]:
        return one(self._reads.incidents)

    @cached_property
    def store(self) -> DataLoader[str, Store | None]:
        return one(self._reads.stores)

    @cached_property
    def location(self) -> DataLoader[str, Location | None]:
        return one(self._reads.locations)

    @cached_property
    def quarantined(self) -> DataLoader[str, Quarantined | None]:
        return one(self._reads.quarantined)

    @cached_property
    def slot_template(self) -> DataLoader[str, SlotTemplate | None]:
        return one(self._reads.slot_templates)

    @cached_property
    def slot_hold(self) -> DataLoader[str, SlotHold | None]:
        return one(self._reads.slot_holds)

    @cached_property
    def rule(self) -> DataLoader[str, Rule | None]:
        return one(self._reads.rules)

    @cached_property
    def unread_of(self) -> DataLoader[str, Mapping[Participant, int] | None]:
        return one(self._reads.unread_of)

    @cached_property
    def notices_of(self) -> DataLoader[str, Sequence[Notice]]:
        return many(self._reads.notices_of)

    @cached_property
    def webhook_endpoint(self) -> DataLoader[str, WebhookEndpoint | None]:
        return one(self._reads.webhook_endpoints)

    @cached_property
    def box(self) -> DataLoader[str, KeptBox | None]:
        return one(self._reads.boxes)

    @cached_property
    def carrier_account(self) -> DataLoader[str, CarrierAccount | None]:
        return one(self._reads.carrier_accounts)

    @cached_property
    def account_ids_of(self) -> DataLoader[str, Sequence[str]]:
        return many(self._reads.account_ids_of)

    @cached_property
    def link_checks(self) -> DataLoader[str, LinkChecks | None]:
        return one(self._reads.link_checks)

    @cached_property
    def carrier_counts(self) -> DataLoader[date, Sequence[CarrierCounts]]:
        """Of all accounts from a day on."""

        async def load(days: list[date]) -> list[Sequence[CarrierCounts]]:
            return [await self._reads.carrier_counts(day) for day in days]

        return DataLoader(load)

    @cached_property
    def incidents_by_account(self) -> DataLoader[datetime, Mapping[str, int]]:
        async def load(instants: list[datetime]) -> list[Mapping[str, int]]:
            return [await self._reads.incidents_by_account(since) for since in instants]

        return DataLoader(load)

    @cached_property
    def unknown_codes(self) -> DataLoader[str, Sequence[UnknownCode]]:
        async def load(keys: list[str]) -> list[Sequence[UnknownCode]]:
            known = await self._reads.unknown_codes()
            return [known for _ in keys]

        return DataLoader(load)

    @cached_property
    def account_health(self) -> DataLoader[str, AccountHealth | None]:
        return one(lambda ids: self._commands.account_health(account_ids=ids))

    @cached_property
    def stack(self) -> DataLoader[str, Stack | None]:
        return one(self._reads.stacks)

    @cached_property
    def stack_wait(self) -> DataLoader[str, Waiting | None]:
        """By the fulfillment order that waits."""
        return one(self._reads.stack_waits)

    @cached_property
    def last_attempt_of(self) -> DataLoader[str, FailedAttempt | None]:
        return one(self._reads.last_attempts_of)

    @cached_property
    def slots(self) -> DataLoader[SlotKey, Sequence[Slot]]:
        async def load(keys: list[SlotKey]) -> list[Sequence[Slot]]:
            return await load_slots(self._commands, self.quote_set, self._clock.now(), keys)

        return DataLoader(load, max_batch_size=MOST_KEYS)

    @cached_property
    def window_cost(self) -> DataLoader[tuple[str, datetime, datetime], Money | None]:
        """By the quote set whose door it is, and when the window begins and ends."""

        async def load(keys: list[tuple[str, datetime, datetime]]) -> list[Money | None]:
            return await load_window_costs(self._commands, self.quote_set, keys)

        return DataLoader(load, max_batch_size=MOST_KEYS)

    @cached_property
    def slot_hold_of_choice(self) -> DataLoader[str, SlotHold | None]:
        return one(self._reads.slot_holds_of_choices)

    @cached_property
    def choice_of_quote_set(self) -> DataLoader[str, Choice | None]:
        return one(self._reads.choices_of_quote_sets)

    @cached_property
    def quote_sets_of(self) -> DataLoader[str, Sequence[QuoteSet]]:
        return many(self._reads.quote_sets_of)

    @cached_property
    def deliveries_of_order(self) -> DataLoader[str, Sequence[Delivery]]:
        return many(self._reads.deliveries_of_orders)

    @cached_property
    def events_of(self) -> DataLoader[str, Sequence[DeliveryEvent]]:
        return many(self._reads.events_of)

    @cached_property
    def incidents_of(self) -> DataLoader[str, Sequence[Incident]]:
        return many(self._reads.incidents_of)

    @cached_property
    def store_sync(self) -> DataLoader[str, StoreSync | None]:
        return one(self._reads.store_syncs)

    @cached_property
    def documents_of_leg(self) -> DataLoader[str, Sequence[LinkedDocument]]:
        return many(self._reads.documents_of)

    @cached_property
    def report_counts(self) -> DataLoader[str, Mapping[ReportStatus, int] | None]:
        return one(self._reads.report_counts)

    @cached_property
    def merchant(self) -> DataLoader[str, Merchant]:
        async def load(keys: list[str]) -> list[Merchant]:
            merchant = await self._reads.merchant()
            return [merchant for _ in keys]

        return DataLoader(load)

    @cached_property
    def places(self) -> DataLoader[str, Sequence[Location]]:
        async def load(keys: list[str]) -> list[Sequence[Location]]:
            page = await self._reads.find_locations(PageRequest(first=MOST_KEYS))
            return [page.items for _ in keys]

        return DataLoader(load)

    @cached_property
    def product(self) -> DataLoader[tuple[str, str], Product | None]:
        """By (store, id of the article in the store)."""

        async def load(keys: list[tuple[str, str]]) -> list[Product | None]:
            found: dict[tuple[str, str], Product] = {}
            for store_id in {store_id for store_id, _ in keys}:
                wanted = [article for of_store, article in keys if of_store == store_id]
                for article, product in (await self._reads.products(store_id, wanted)).items():
                    found[store_id, article] = product
            return [found.get(key) for key in keys]

        return DataLoader(load, max_batch_size=MOST_KEYS)

    @cached_property
    def carrier(self) -> DataLoader[str, CarrierCard | None]:
        async def load(codes: list[str]) -> list[CarrierCard | None]:
            cards = {card.code: card for card in await self._reads.carriers()}
            return [cards.get(code) for code in codes]

        return DataLoader(load)
