"""The API's use cases about notices to shoppers, bound to one merchant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from doorstep.errors import InvalidInput
from doorstep.notice import NoticeChannel, NoticeEvent, NoticeTemplate
from gateway.bootstrap.slot_commands import SlotCommands
from gateway.flow.messaging.people.hear import start, stop
from gateway.flow.messaging.people.templates import check

MOST_TEMPLATES = 500


@dataclass(frozen=True, slots=True)
class NoticeCommands(SlotCommands):
    """See `gateway.api.ports.session.Commands`."""

    async def save_notice_template(self, *, template: NoticeTemplate) -> NoticeTemplate:
        checked = check(template)
        async with self.means.begin(self.merchant_id) as work:
            if len(await work.notices.templates()) >= MOST_TEMPLATES:
                text = f"There are {MOST_TEMPLATES} templates already; take some away."
                raise InvalidInput(text, path=("input",))
            await work.notices.put_template(checked)
        return checked

    async def remove_notice_template(
        self, *, event: NoticeEvent, channel: NoticeChannel, language: str
    ) -> Sequence[NoticeTemplate]:
        async with self.means.begin(self.merchant_id) as work:
            await work.notices.drop_template(event, channel, language)
            return await work.notices.templates()

    async def record_consent(
        self, *, channel: NoticeChannel, recipient: str, source: str, is_given: bool
    ) -> None:
        act = start if is_given else stop
        async with self.means.begin(self.merchant_id) as work:
            await act(work, channel, recipient, source, self.means.clock.now())
