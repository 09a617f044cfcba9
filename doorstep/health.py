"""What a doctor says of a store or a carrier, in words a merchant understands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """One thing that was tested.

    Attributes
    ----------
    name
        Stable, for programs: "credentials", "webhooks", "clock".
    fault
        Stable code of what is wrong, "" where it passed: a row of the table in docs/doctor.md.
    text
        What was found; where it failed, what is wrong and what to do, as one or two sentences.
    """

    name: str
    passed: bool
    text: str
    fault: str = ""
