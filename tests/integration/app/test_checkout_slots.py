"""Slots and packages in WooCommerce's checkout, from the rates to the booked order."""

from __future__ import annotations

import asyncio

import pytest

from gateway.flow.intake.keep import Intake, keep_order
from tests.integration.app.premises import Premises
from tests.integration.app.van_shop import BREAD, FLOWERS, VanShop, meta_of, open_shop, vans_of


@pytest.fixture
async def shop(premises: Premises) -> VanShop:
    return await open_shop(premises)


async def test_own_vans_show_the_slots_that_can_be_had_with_what_they_cost_on_top(shop: VanShop) -> None:
    template = await shop.template()
    await shop.template(name="Elsewhere", zoneIds=["harbour"], startsAt="12:30", endsAt="13:30")
    shown = await shop.rates()
    slots = vans_of(shown)["slots"]
    # Weekdays of the 14 days from Monday the 23rd, 10:00 in New York.
    assert [slot["id"][-5:] for slot in slots[:2]] == ["11-23", "11-24"]
    assert len(slots) == 10
    assert slots[1] == {
        "id": f"{template}.2026-11-24",
        "label": "Tue, Nov 24, 3:00\u2009–\u20095:00\u202fPM",
        "start": "2026-11-24T20:00:00Z",
        "end": "2026-11-24T22:00:00Z",
        "price_minor": 200,
    }
    assert [rate["slots"] for rate in shown["rates"] if rate["mode"] == "COURIER"] == [[]]
    # Held by somebody else, who is answered in German.
    await shop.choose(shown, slots[0]["id"], "one", cart_id="wc-2")
    vans = vans_of(await shop.rates(locale="de_DE"))
    # Not "same-day": the shopper may pick another one.
    assert (vans_of(shown)["title"], vans["title"]) == (
        "Delivery at a time of your choice",
        "Lieferung zur Wunschzeit",
    )
    left = vans["slots"]
    assert (len(left), left[0]["label"]) == (9, "Di., 24. Nov., 15:00–17:00 Uhr")


async def test_a_slot_is_paid_on_top_and_the_same_key_is_the_same_choice(shop: VanShop) -> None:
    template, shown = await shop.template(capacity=2), await shop.rates()
    today, tomorrow = (f"{template}.2026-11-{day}" for day in (23, 24))
    status, chosen = await shop.choose(shown, today, "one")
    # 3.00 for the vans and 2.00 for the slot.
    assert (status, chosen["price_minor"]) == (200, vans_of(shown)["cost_minor"] + 200)
    assert chosen["window"] == {"start": "2026-11-23T20:00:00Z", "end": "2026-11-23T22:00:00Z"}
    assert await shop.choose(shown, today, "one") == (200, chosen)
    status, problem = await shop.choose(shown, tomorrow, "one")
    assert (status, problem["code"]) == (409, "IDEMPOTENCY_MISMATCH")
    assert await shop.taken(today, tomorrow) == {today: 1}
    status, problem = await shop.choose(shown, today, "two", package="9" * 256)
    assert (status, "package" in problem["message"]) == (400, True)


async def test_who_comes_too_late_is_told_which_slots_are_left(shop: VanShop) -> None:
    template, shown = await shop.template(), await shop.rates()
    today = f"{template}.2026-11-23"
    await shop.choose(shown, today, "one", cart_id="wc-2")
    status, problem = await shop.choose(shown, today, "two")
    assert (status, problem["code"]) == (409, "SLOT_UNAVAILABLE")
    # The rest of the week.
    assert problem["slots"] == vans_of(shown)["slots"][1:5]
    # A slot that the merchant took away says the same, not that the shop's call is wrong.
    status, problem = await shop.choose(shown, "slt_01jd0000000000000000000000.2026-11-23", "three")
    assert (status, problem["code"]) == (409, "SLOT_UNAVAILABLE")
    assert problem["slots"] == vans_of(shown)["slots"][1:]
    status, problem = await shop.choose(shown, today, "four", options_id="qst_01jd0000000000000000000000")
    assert (status, problem["code"]) == (409, "OPTION_EXPIRED")


async def test_who_changes_their_mind_holds_one_place_for_each_package(shop: VanShop) -> None:
    template, shown = await shop.template(), await shop.rates()
    today, tomorrow, later = (f"{template}.2026-11-{day}" for day in (23, 24, 25))
    await shop.choose(shown, today, "one")
    await shop.choose(shown, later, "two", package="1")
    await shop.choose(shown, tomorrow, "three")
    assert await shop.taken(today, tomorrow, later) == {tomorrow: 1, later: 1}
    # Asked again, the option is another one; its last place is the shopper's own.
    again = await shop.rates()
    assert (await shop.choose(again, tomorrow, "four"))[0] == 200
    assert await shop.taken(today, tomorrow, later) == {tomorrow: 1, later: 1}
    # A courier has no slots.
    courier = next(rate for rate in again["rates"] if rate["mode"] == "COURIER")
    await shop.choose(again, None, "five", option_id=courier["option_id"])
    assert await shop.taken(today, tomorrow, later) == {later: 1}
    # Who may not have what they want keeps what they had.
    assert (await shop.choose(again, later, "six", cart_id="wc-2"))[0] == 409
    assert await shop.taken(later) == {later: 1}


async def test_many_clicks_at_once_hold_one_place(shop: VanShop) -> None:
    template, shown = await shop.template(capacity=3), await shop.rates()
    slots = [f"{template}.2026-11-{day}" for day in (23, 24, 25, 26)]
    calls = [shop.choose(shown, slot, f"key-{number}") for number, slot in enumerate([*slots, *slots[::-1]])]
    answers = await asyncio.gather(*calls)
    assert {status for status, _ in answers} == {200}
    assert sum((await shop.taken(*slots)).values()) == 1


async def test_each_package_is_booked_as_it_was_chosen_and_called_off_with_its_places(
    shop: VanShop,
) -> None:
    template, bread = await shop.template(), await shop.rates()
    flowers = await shop.rates((FLOWERS,))
    slot = f"{template}.2026-11-24"
    _, chosen = await shop.choose(bread, slot, "one")
    courier = next(rate for rate in flowers["rates"] if rate["mode"] == "COURIER")
    order_id = shop.order(
        meta_of(bread, vans_of(bread), "13", slot=slot, choice=chosen["choice"]),
        meta_of(flowers, courier, "14"),
    )
    await shop.settle()
    order, exceptions = await shop.seen()
    units = [unit["lines"]["nodes"] for unit in order["fulfillmentOrders"]]
    assert sorted(line["quantity"] for (line,) in units) == [1, 2]
    booked = {
        one["legs"][0]["carrier"]["code"]: (one["promise"]["basis"], one["promise"]["window"]["start"])
        for one in order["deliveries"]["nodes"]
    }
    assert booked.keys() == {"own_fleet", "uber_direct"}
    assert booked["own_fleet"] == ("SLOT", "2026-11-24T20:00:00.000Z")
    assert booked["uber_direct"][0] != "SLOT"
    assert (exceptions, await shop.taken(slot)) == ([], {slot: 1})
    # What the store goes on saying of the whole changes nothing.
    shop.market.woocommerce.write_meta(order_id, "another", "plugin's")
    await shop.settle()
    assert (await shop.seen())[0] == order
    shop.market.woocommerce.cancel_order(order_id)
    await shop.settle()
    assert await shop.taken(slot) == {}


async def test_packages_whose_goods_do_not_tell_go_as_the_first_and_wait_for_a_person(shop: VanShop) -> None:
    template, shown = await shop.template(), await shop.rates((BREAD, FLOWERS))
    slots = [f"{template}.2026-11-{day}" for day in (24, 25)]
    choices = [(await shop.choose(shown, slot, slot, str(place)))[1] for place, slot in enumerate(slots)]
    shop.order(*(meta_of(shown, vans_of(shown), choice=chosen["choice"]) for chosen in choices))
    await shop.settle()
    order, exceptions = await shop.seen()
    (delivery,) = order["deliveries"]["nodes"]
    assert delivery["promise"]["window"]["start"] == "2026-11-24T20:00:00.000Z"
    (exception,) = exceptions
    assert choices[1]["choice"] in exception["evidence"]
    # Both were paid for: the other place is kept until a person has decided.
    assert await shop.taken(*slots) == dict.fromkeys(slots, 1)


async def test_a_slot_that_was_picked_while_we_were_away_is_kept_when_the_order_comes(shop: VanShop) -> None:
    template, shown = await shop.template(), await shop.rates()
    slot = f"{template}.2026-11-24"
    shop.order(meta_of(shown, vans_of(shown), slot=slot))
    await shop.settle()
    order, exceptions = await shop.seen()
    (delivery,) = order["deliveries"]["nodes"]
    assert delivery["promise"] == {"basis": "SLOT", "window": {"start": "2026-11-24T20:00:00.000Z"}}
    assert (exceptions, await shop.taken(slot)) == ([], {slot: 1})


@pytest.mark.parametrize("is_there", [True, False])
async def test_a_picked_slot_without_a_place_is_promised_and_waits_for_a_person(
    shop: VanShop, is_there: bool
) -> None:
    template, shown = await shop.template(), await shop.rates()
    slot = f"{template if is_there else 'slt_01jd0000000000000000000000'}.2026-11-24"
    await shop.choose(shown, slot, "another's", cart_id="wc-2")
    shop.order(meta_of(shown, vans_of(shown), slot=slot))
    await shop.settle()
    order, (exception,) = await shop.seen()
    (delivery,) = order["deliveries"]["nodes"]
    assert (delivery["promise"]["window"]["start"] == "2026-11-24T20:00:00.000Z") is is_there
    assert "the chosen slot is gone" in exception["title"]


async def test_who_chooses_anew_for_an_order_that_is_not_paid_gives_the_first_place_back(
    shop: VanShop,
) -> None:
    template, shown = await shop.template(), await shop.rates()
    slots = [f"{template}.2026-11-{day}" for day in (24, 25)]
    first, second = [(await shop.choose(shown, slot, slot, slot))[1]["choice"] for slot in slots]
    order_id = shop.order(meta_of(shown, vans_of(shown), slot=slots[0], choice=first), paid=False)
    await shop.settle()
    assert await shop.taken(*slots) == dict.fromkeys(slots, 1)
    shop.shows(order_id, meta_of(shown, vans_of(shown), slot=slots[1], choice=second))
    shop.market.woocommerce.set_status(order_id, "processing")
    await shop.settle()
    order, exceptions = await shop.seen()
    assert (order["choice"]["reference"], exceptions) == (second, [])
    assert await shop.taken(*slots) == {slots[1]: 1}


async def test_an_order_that_is_paid_after_it_was_called_off_has_its_place_again(shop: VanShop) -> None:
    template, shown = await shop.template(), await shop.rates()
    slot = f"{template}.2026-11-24"
    _, chosen = await shop.choose(shown, slot, "one")
    order_id = shop.order(meta_of(shown, vans_of(shown), slot=slot, choice=chosen["choice"]), paid=False)
    await shop.settle()
    for status, places in (("cancelled", {}), ("processing", {slot: 1})):
        shop.market.woocommerce.set_status(order_id, status)
        await shop.settle()
        assert await shop.taken(slot) == places
    # Unless it has gone to somebody else meanwhile.
    shop.market.woocommerce.set_status(order_id, "cancelled")
    await shop.settle()
    await shop.choose(shown, slot, "another's", cart_id="wc-2")
    shop.market.woocommerce.set_status(order_id, "processing")
    await shop.settle()
    _, (exception,) = await shop.seen()
    assert "the chosen slot is gone" in exception["title"]


async def test_a_copy_of_an_order_has_no_part_in_its_place(shop: VanShop) -> None:
    template, shown = await shop.template(), await shop.rates()
    slot = f"{template}.2026-11-24"
    _, chosen = await shop.choose(shown, slot, "one")
    meta = meta_of(shown, vans_of(shown), slot=slot, choice=chosen["choice"])
    orders = [shop.order(meta), shop.order(meta)]
    await shop.settle()
    async with shop.premises.house.means.begin(shop.tenant.merchant_id) as work:
        kept = [await work.orders.by_external_id(shop.site, order_id) for order_id in orders]
    assert len({order.choice_reference for order in kept if order is not None}) == 2
    async with shop.premises.house.means.begin(shop.tenant.merchant_id) as work:
        parts = [unit.id for order in kept if order is not None for unit in order.fulfillment_orders]
        titles = [one.title for part in parts for one in await work.incidents.live_of(part)]
    assert ["the chosen slot is gone" in title for title in titles] == [True]


async def test_what_a_store_said_of_an_order_before_takes_no_place_again(shop: VanShop) -> None:
    template, shown = await shop.template(), await shop.rates()
    slots = [f"{template}.2026-11-{day}" for day in (24, 25)]
    order_id = shop.order(meta_of(shown, vans_of(shown), slot=slots[0]), paid=False)
    await shop.settle()
    house = shop.premises.house
    connector = await house.links.store(shop.tenant.merchant_id, shop.site)
    before = await connector.fetch_order(order_id)
    assert before is not None
    shop.shows(order_id, meta_of(shown, vans_of(shown), slot=slots[1]))
    shop.market.woocommerce.set_status(order_id, "processing")
    await shop.settle()
    async with house.means.begin(shop.tenant.merchant_id) as work:
        store = await work.accounts.store(shop.site)
    assert store is not None
    assert await keep_order(house.means, store, connector, before) is Intake.UNCHANGED
    assert await shop.taken(*slots) == {slots[1]: 1}


async def test_what_was_sold_as_the_shops_own_fallback_goes_with_the_best_option(shop: VanShop) -> None:
    shop.order({})
    await shop.settle()
    order, exceptions = await shop.seen()
    (delivery,) = order["deliveries"]["nodes"]
    assert (order["choice"], exceptions) == (None, [])
    assert delivery["legs"][0]["carrier"]["code"] == "own_fleet"
    assert delivery["promise"]["window"]["start"]
