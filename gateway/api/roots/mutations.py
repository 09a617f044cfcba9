"""The root of writes."""

from __future__ import annotations

from typing import Annotated

from gateway.api.admission.checks import root
from gateway.api.context import Info
from gateway.api.marks import SHOP, shape
from gateway.api.ports import records
from gateway.api.ports.records import Audience, Scope
from gateway.api.reading import (
    read_address,
    read_future,
    read_id,
    read_ids,
    read_key,
    read_money,
    read_origins,
    read_span,
    read_text,
    require_complete,
    wrong,
)
from gateway.api.roots.account_settings import AccountSettingsMutations
from gateway.api.roots.desk import DeskMutations
from gateway.api.roots.dispatch_rules import DispatchRulesMutations, read_strategy
from gateway.api.roots.drivers import DriverMutations
from gateway.api.roots.etas import EtaMutations
from gateway.api.roots.fallback_rates import FallbackRateMutations
from gateway.api.roots.fleet_rates import FleetRateMutations
from gateway.api.roots.given import INPUT
from gateway.api.roots.goods import GoodsMutations
from gateway.api.roots.linking import LinkMutations
from gateway.api.roots.merchant_rules import MerchantRulesMutations
from gateway.api.roots.mode_rules import ModeRulesMutations
from gateway.api.roots.notices import NoticeMutations
from gateway.api.roots.planning_rules import PlanningRulesMutations
from gateway.api.roots.playbooks import PlaybookMutations
from gateway.api.roots.queries import BUDGET_MS
from gateway.api.roots.returns import ReturnMutations
from gateway.api.roots.routes import RouteMutations
from gateway.api.roots.rules import RuleMutations
from gateway.api.roots.slots import SlotMutations, limited_key, read_slot_id
from gateway.api.roots.sourcing import SourcingMutations
from gateway.api.roots.threads import ThreadMutations
from gateway.api.roots.tracking import TrackingMutations
from gateway.api.roots.uploads import UploadMutations
from gateway.api.roots.vans import VanMutations
from gateway.api.roots.visibility_rules import VisibilityRulesMutations
from gateway.api.roots.watch_rules import WatchRulesMutations
from gateway.api.roots.webhooks import WebhookMutations
from gateway.api.types.accounts import CreateApiKeyInput, CreateApiKeyResult, CreateApiKeySuccess
from gateway.api.types.deliveries import Delivery
from gateway.api.types.dispatching import (
    CancelDeliveryInput,
    CancelDeliveryResult,
    CancelDeliverySuccess,
    DispatchFulfillmentOrderInput,
    DispatchInput,
    DispatchOutcome,
    DispatchResult,
    DispatchSuccess,
)
from gateway.api.types.quotes import QuoteSet, RequestQuotesInput, RequestQuotesResult, RequestQuotesSuccess
from gateway.api.types.storefront import (
    ChooseDeliveryOptionInput,
    ChooseDeliveryOptionResult,
    ChooseDeliveryOptionSuccess,
    DeliveryChoice,
    DeliverySelectionInput,
)
from gateway.api.types.tracking import (
    CreateTrackingTokenInput,
    CreateTrackingTokenResult,
    CreateTrackingTokenSuccess,
)

_AT = ("input",)
LIFETIME_S = (60, 30 * 86_400)


@shape()
class Mutation(
    LinkMutations,
    SlotMutations,
    ReturnMutations,
    DispatchRulesMutations,
    MerchantRulesMutations,
    AccountSettingsMutations,
    FallbackRateMutations,
    SourcingMutations,
    GoodsMutations,
    RuleMutations,
    FleetRateMutations,
    RouteMutations,
    DriverMutations,
    VanMutations,
    PlanningRulesMutations,
    ModeRulesMutations,
    WebhookMutations,
    NoticeMutations,
    ThreadMutations,
    UploadMutations,
    EtaMutations,
    WatchRulesMutations,
    DeskMutations,
    PlaybookMutations,
    VisibilityRulesMutations,
    TrackingMutations,
):
    """Writes. Those that spend money or may be sent twice take an idempotencyKey: same key and input,
    same answer, for 24 hours.
    """

    @root(to=SHOP, scope=Scope.OPERATE)
    async def choose_delivery_option(
        self, info: Info, given: Annotated[ChooseDeliveryOptionInput, INPUT]
    ) -> ChooseDeliveryOptionResult:
        """Locks price and promise, and holds the slot."""
        if len(given.selections) != 1:
            raise wrong(
                (*_AT, "selections"), "selections takes exactly one option for each group, and there is one"
            )
        options = read_id(given.delivery_options_id, "qst", (*_AT, "deliveryOptionsId"))
        chosen, at = given.selections[0], (*_AT, "selections", "0")
        if read_id(chosen.group_id, "qst", (*at, "groupId")) != options:
            raise wrong((*at, "groupId"), "groupId is not a group of these delivery options")
        destination = None
        if given.destination is not None:
            to = (*_AT, "destination")
            destination = require_complete(read_address(given.destination, to), to)
        choice = await info.context.commands.choose_option(
            idempotency_key=read_key(given.idempotency_key),
            quote_set_id=options,
            quote_id=read_id(chosen.option_id, "quo", (*at, "optionId")),
            destination=destination,
            cart_id=read_text(given.cart_id, (*_AT, "cartId"), 255),
            slot_id="" if chosen.slot_id is None else read_slot_id(chosen.slot_id, (*at, "slotId")),
            replaces_hold_id=_read_replaced(chosen, at),
            held_by=limited_key(info),
        )
        return ChooseDeliveryOptionSuccess(choice=DeliveryChoice.of(choice))

    @root(scope=Scope.OPERATE, points=20)
    async def request_quotes(
        self, info: Info, given: Annotated[RequestQuotesInput, INPUT]
    ) -> RequestQuotesResult:
        """Asks every carrier; books nothing."""
        answers = await info.context.commands.request_quotes(
            idempotency_key=read_key(given.idempotency_key),
            fulfillment_order_id=read_id(given.fulfillment_order_id, "ful", (*_AT, "fulfillmentOrderId")),
            budget_ms=read_span(given.budget_milliseconds, (*_AT, "budgetMilliseconds"), *BUDGET_MS),
            account_ids=read_ids(given.account_ids, "acc", (*_AT, "accountIds")),
        )
        return RequestQuotesSuccess(quote_set=QuoteSet.of(answers))

    @root(scope=Scope.OPERATE, points=20)
    async def dispatch(self, info: Info, given: Annotated[DispatchInput, INPUT]) -> DispatchResult:
        """Books; on refusal the next in rank."""
        at = (*_AT, "fulfillmentOrders")
        orders = tuple(
            _read_dispatch(order, (*at, str(index))) for index, order in enumerate(given.fulfillment_orders)
        )
        if not orders:
            raise wrong(at, "fulfillmentOrders must name at least one", "REQUIRED")
        if len({order.fulfillment_order_id for order in orders}) < len(orders):
            raise wrong(at, "fulfillmentOrders names one of them twice")
        outcomes = await info.context.commands.dispatch(
            idempotency_key=read_key(given.idempotency_key), orders=orders
        )
        return DispatchSuccess(outcomes=[DispatchOutcome.of(outcome) for outcome in outcomes])

    @root(scope=Scope.OPERATE)
    async def cancel_delivery(
        self, info: Info, given: Annotated[CancelDeliveryInput, INPUT]
    ) -> CancelDeliveryResult:
        """Calls off; the carrier may say that it is too late."""
        delivery = await info.context.commands.cancel_delivery(
            idempotency_key=read_key(given.idempotency_key),
            delivery_id=read_id(given.delivery_id, "del", (*_AT, "deliveryId")),
            reason=given.reason,
            note=read_text(given.note, (*_AT, "note")),
        )
        return CancelDeliverySuccess(delivery=Delivery.of(delivery))

    @root(scope=Scope.OPERATE)
    async def create_tracking_token(
        self, info: Info, given: Annotated[CreateTrackingTokenInput, INPUT]
    ) -> CreateTrackingTokenResult:
        """A link for the shopper."""
        link = await info.context.commands.create_tracking_token(
            delivery_id=read_id(given.delivery_id, "del", (*_AT, "deliveryId")),
            lifetime_s=read_span(given.lifetime_seconds, (*_AT, "lifetimeSeconds"), *LIFETIME_S),
        )
        return CreateTrackingTokenSuccess.of(link)

    @root(scope=Scope.ADMINISTER)
    async def create_api_key(
        self, info: Info, given: Annotated[CreateApiKeyInput, INPUT]
    ) -> CreateApiKeyResult:
        """Makes a key; its secret is shown once."""
        order = _read_key_order(info, given)
        return CreateApiKeySuccess.of(await info.context.commands.create_api_key(order=order))


def _read_replaced(chosen: DeliverySelectionInput, at: tuple[str, ...]) -> str:
    if chosen.replaces_hold_id is None:
        return ""
    if chosen.slot_id is None:
        raise wrong((*at, "slotId"), "slotId is needed with replacesHoldId", "REQUIRED")
    return read_id(chosen.replaces_hold_id, "hld", (*at, "replacesHoldId"))


def _read_dispatch(given: DispatchFulfillmentOrderInput, at: tuple[str, ...]) -> records.DispatchOrder:
    return records.DispatchOrder(
        fulfillment_order_id=read_id(given.fulfillment_order_id, "ful", (*at, "fulfillmentOrderId")),
        quote_id=None if given.quote_id is None else read_id(given.quote_id, "quo", (*at, "quoteId")),
        max_price=None if given.max_price is None else read_money(given.max_price, (*at, "maxPrice")),
        allow_fallback=given.allow_fallback,
        strategy=read_strategy(given.strategy, (*at, "strategy")),
    )


def _read_key_order(info: Info, given: CreateApiKeyInput) -> records.KeyOrder:
    name = read_text(given.name, (*_AT, "name"), 100)
    scopes = tuple(dict.fromkeys(given.scopes or ()))
    if not name:
        raise wrong((*_AT, "name"), "name must not be empty", "REQUIRED")
    if given.audience not in {Audience.PUBLISHABLE, Audience.SECRET}:
        raise wrong(
            (*_AT, "audience"), "keys are PUBLISHABLE or SECRET; tokens come from createTrackingToken"
        )
    if given.audience is Audience.PUBLISHABLE and scopes:
        raise wrong((*_AT, "scopes"), "a publishable key takes no scopes; the schema says what it opens")
    if given.audience is Audience.SECRET and not scopes:
        raise wrong((*_AT, "scopes"), "a secret key needs at least one scope", "REQUIRED")
    return records.KeyOrder(
        name=name,
        audience=given.audience,
        scopes=scopes,
        allowed_origins=read_origins(given.allowed_origins, (*_AT, "allowedOrigins")),
        expires_at=read_future(given.expires_at, info.context.clock.now(), (*_AT, "expiresAt")),
        person_id=None if given.person_id is None else read_id(given.person_id, "per", (*_AT, "personId")),
    )
