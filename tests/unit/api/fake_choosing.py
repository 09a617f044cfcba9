"""What the API is handed for what merchants set about choosing; parts of the fakes."""
# a fake does not need every parameter of its port

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gateway.api.ports import records as r


class FakeChoosingReads:
    """Part of `FakeReads`."""

    things: dict[str, dict[str, Any]]

    def _by_id(self, name: str, ids: Sequence[str]) -> Mapping[str, Any]:
        raise NotImplementedError

    def _page(self, name: str, items: Iterable[Any], page: r.PageRequest) -> r.Page[Any]:
        raise NotImplementedError

    async def rules(self, ids: Sequence[str]) -> Mapping[str, Any]:
        return self._by_id("rules", ids)

    async def find_rules(self, which: Any, page: r.PageRequest) -> r.Page[Any]:
        return self._page("rules", self.things.get("rules", {}).values(), page)

    async def count_rules(self, which: Any, up_to: int) -> int:
        return min(up_to, len(self.things.get("rules", {})))

    async def boxes(self, ids: Sequence[str]) -> Mapping[str, Any]:
        return self._by_id("boxes", ids)

    async def find_boxes(self, page: r.PageRequest) -> r.Page[Any]:
        return self._page("boxes", self.things.get("boxes", {}).values(), page)

    async def count_boxes(self, up_to: int) -> int:
        return min(up_to, len(self.things.get("boxes", {})))

    async def carrier_accounts(self, ids: Sequence[str]) -> Mapping[str, Any]:
        return self._by_id("carrier_accounts", ids)

    async def find_carrier_accounts(self, page: r.PageRequest) -> r.Page[Any]:
        return self._page("carrier_accounts", self.things.get("carrier_accounts", {}).values(), page)

    async def count_carrier_accounts(self, up_to: int) -> int:
        return min(up_to, len(self.things.get("carrier_accounts", {})))

    async def account_ids_of(self, carriers: Sequence[str]) -> Mapping[str, Any]:
        return self._by_id("account_ids_of", carriers)

    async def carrier_counts(self, since: Any) -> Sequence[Any]:
        return ()

    async def incidents_by_account(self, since: Any) -> Mapping[str, int]:
        return {}

    async def link_checks(self, ids: Sequence[str]) -> Mapping[str, Any]:
        return self._by_id("link_checks", ids)

    async def stacks(self, ids: Sequence[str]) -> Mapping[str, Any]:
        return self._by_id("stacks", ids)

    async def stack_waits(self, fulfillment_order_ids: Sequence[str]) -> Mapping[str, Any]:
        return self._by_id("stack_waits", fulfillment_order_ids)

    async def mode_choices(self, fulfillment_order_ids: Sequence[str]) -> Mapping[str, Any]:
        return self._by_id("mode_choices", fulfillment_order_ids)

    async def mode_waves(self, ids: Sequence[str]) -> Mapping[str, Any]:
        return self._by_id("mode_waves", ids)

    async def waves_of_plans(self, plan_ids: Sequence[str]) -> Mapping[str, Any]:
        return self._by_id("waves_of_plans", plan_ids)

    async def drafts(self, plan_ids: Sequence[str], delivery_ids: Sequence[str]) -> Mapping[str, Any]:
        return self._by_id("drafts", delivery_ids)

    async def choices_for_plan(self, plan_id: str, page: Any) -> Any:
        kept = self.things["mode_choices"].values() if plan_id else ()
        return self._page("choices_for_plan", kept, page)

    async def count_choices_for_plan(self, plan_id: str, up_to: int) -> int:
        return min(up_to, len(self.things["mode_choices"])) if plan_id else 0

    async def last_attempts_of(self, delivery_ids: Sequence[str]) -> Mapping[str, Any]:
        return self._by_id("last_attempts_of", delivery_ids)

    async def unknown_codes(self) -> Sequence[Any]:
        return ()

    async def locked_days(
        self, within: Any, account_ids: Sequence[str], limit: int, *, by_day: bool
    ) -> Sequence[Any]:
        return ()


class FakeChoosingCommands:
    """Part of `FakeCommands`."""

    def _answer(self, name: str, given: dict[str, Any]) -> Any:
        raise NotImplementedError

    async def account_health(self, **given: Any) -> Any:
        return self._answer("account_health", given)

    async def rate_sheets(self, **given: Any) -> Any:
        return self._answer("rate_sheets", given)

    async def save_rate_sheet(self, **given: Any) -> Any:
        return self._answer("save_rate_sheet", given)

    async def save_zone(self, **given: Any) -> Any:
        return self._answer("save_zone", given)

    async def remove_zone(self, **given: Any) -> Any:
        return self._answer("remove_zone", given)

    async def preview_rate_sheet(self, **given: Any) -> Any:
        return self._answer("preview_rate_sheet", given)

    async def zones_at(self, **given: Any) -> Any:
        return self._answer("zones_at", given)

    async def save_rule(self, **given: Any) -> Any:
        return self._answer("save_rule", given)

    async def archive_rule(self, **given: Any) -> Any:
        return self._answer("archive_rule", given)

    async def enable_rule(self, **given: Any) -> Any:
        return self._answer("enable_rule", given)

    async def reorder_rules(self, **given: Any) -> Any:
        return self._answer("reorder_rules", given)

    async def preview_rules(self, **given: Any) -> Any:
        return self._answer("preview_rules", given)

    async def save_box(self, **given: Any) -> Any:
        return self._answer("save_box", given)

    async def archive_box(self, **given: Any) -> Any:
        return self._answer("archive_box", given)
