"""Commands about failed attempts, returns and claims, answered from what a test laid out."""

from __future__ import annotations

from typing import Any


class FakeReturnCommands:
    """Part of `FakeCommands`."""

    def _answer(self, name: str, given: dict[str, Any]) -> Any:
        raise NotImplementedError

    async def failed_attempts(self, **given: Any) -> Any:
        return self._answer("failed_attempts", given)

    async def record_failed_attempt(self, **given: Any) -> Any:
        return self._answer("record_failed_attempt", given)

    async def decide_failed_attempt(self, **given: Any) -> Any:
        return self._answer("decide_failed_attempt", given)

    async def reschedule_delivery(self, **given: Any) -> Any:
        return self._answer("reschedule_delivery", given)

    async def update_dropoff(self, **given: Any) -> Any:
        return self._answer("update_dropoff", given)

    async def create_return_request(self, **given: Any) -> Any:
        return self._answer("create_return_request", given)

    async def return_request(self, **given: Any) -> Any:
        return self._answer("return_request", given)

    async def return_requests(self, **given: Any) -> Any:
        return self._answer("return_requests", given)

    async def count_return_requests(self, *given: Any) -> Any:
        return self._answer("count_return_requests", {"given": given})

    async def claims(self, **given: Any) -> Any:
        return self._answer("claims", given)

    async def count_claims(self, *given: Any) -> Any:
        return self._answer("count_claims", {"given": given})

    async def record_claim(self, **given: Any) -> Any:
        return self._answer("record_claim", given)
