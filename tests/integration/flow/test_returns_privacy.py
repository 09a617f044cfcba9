"""What a forgotten shopper leaves behind in returns and claims: ids, states and money."""

from __future__ import annotations

from doorstep.delivery_status import DeliveryStatus
from doorstep.loss_claim import ClaimEvidence, ClaimReason, ClaimStatus, LossClaim
from doorstep.order import FulfillmentLine
from doorstep.proof import ProofKind
from doorstep.return_request import ReturnReason
from gateway.flow.returning.requesting import Wish, request_return
from gateway.flow.tracking.track import apply_update
from tests.conftest import Dsn
from tests.integration.flow.canaries import sightings
from tests.integration.flow.fakes import HOME, MERCHANT_ID
from tests.integration.flow.stage import Stage


async def test_nothing_of_a_forgotten_shopper_is_left_in_returns_and_claims(stage: Stage, dsn: Dsn) -> None:
    delivery = await stage.booked()
    leg = delivery.legs[0]
    delivered = stage.cheap.update(leg.external_id, DeliveryStatus.DELIVERED, "delivered")
    await apply_update(stage.means, MERCHANT_ID, "cheap", delivered)
    await stage.settle()
    wish = Wish(delivery.order_id, (FulfillmentLine("line-1", 1),), ReturnReason.OTHER)
    made = await request_return(stage.means, MERCHANT_ID, wish)
    await stage.settle()
    now = stage.clock.now()
    picture = ClaimEvidence(ProofKind.PHOTO, "https://pictures.example/of-the-door", now)
    claim = LossClaim(
        "clm_1",
        MERCHANT_ID,
        delivery.order_id,
        delivery.id,
        leg.id,
        "cheap",
        "exc_1",
        ClaimReason.DAMAGED,
        ClaimStatus.DRAFT,
        leg.price,
        now,
        now,
        evidence=(picture,),
    )
    async with stage.means.begin(MERCHANT_ID) as work:
        assert await work.returns.add_claim(claim)
        assert not await work.returns.add_claim(claim), "one booking loses goods once"
        kept = await work.quotes.latest_for(made.id)
        assert kept is not None
        assert kept.request.pickup.line1 == HOME.line1
        await work.redaction.erase_orders([delivery.order_id], now)
    async with stage.means.begin(MERCHANT_ID) as work:
        erased = await work.quotes.latest_for(made.id)
        left = await work.returns.claim(claim.id)
    assert erased is not None
    assert left is not None
    assert (erased.request.pickup.line1, erased.request.pickup.location) == ("", None)
    assert (left.evidence[0].url, left.amount) == ("", leg.price)
    tables = {sighting.table for sighting in await sightings(dsn.app)}
    assert tables & {"return_requests", "loss_claims", "failed_attempts"} == set()
