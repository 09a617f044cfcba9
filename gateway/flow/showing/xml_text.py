"""What text may stand in XML 1.0 at all."""

from __future__ import annotations

import re

_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def fit_for_xml(text: str) -> str:
    """The text without characters that no escape brings into XML 1.0 (section 2.2), as U+FFFD."""
    return _FORBIDDEN.sub("\ufffd", text)
