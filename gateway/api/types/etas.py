"""How good what is said of arrivals is, and what says it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from doorstep import eta_learning as ground
from gateway.api.marks import entry, part, shape
from gateway.api.problems import InvalidInput, NotFound
from gateway.flow.learning.eta_accuracy import Accuracy
from gateway.flow.learning.eta_risk import EDGES, Risk, RiskSpan
from gateway.flow.ports.eta import Figures

MOST_VERSIONS, MOST_PARTS, MOST_DAYS = 50, 200, 366


@shape()
class EtaFigures:
    """How good what was said was, of some arrivals."""

    title: str = part("Which they are, such as a day or a carrier.")
    arrivals: int = part("A delivery counts once for each span before its arrival in which it was looked at.")
    error_seconds: float = part("Mean absolute error.")
    late_seconds: float = part("Mean of arrival less what was said; above 0 where things arrive later.")
    coverage: float = part("How often the interval held, 0 to 1; learned ones are to hold in 0.9.")

    @staticmethod
    def of(figures: Figures) -> EtaFigures:
        return EtaFigures(
            title=figures.title,
            arrivals=figures.trips,
            error_seconds=figures.error_s,
            late_seconds=figures.late_s,
            coverage=figures.coverage,
        )


@shape()
class EtaCarrierRatios:
    """How arrivals of a carrier lie to what was reckoned; 1 is just as reckoned."""

    carrier: str | None = part("Null for any other.")
    low: float = part("The quantile .05.")
    middle: float
    high: float = part("The quantile .95.")
    arrivals: int

    @staticmethod
    def of(row: ground.CarrierRatios) -> EtaCarrierRatios:
        return EtaCarrierRatios(
            carrier=row.carrier or None,
            low=row.low,
            middle=row.middle,
            high=row.high,
            arrivals=row.count,
        )


@shape()
class EtaVersion:
    """What foretells arrivals: a model of the merchant's own deliveries, or a table of carriers."""

    number: int
    trained_at: datetime
    is_current: bool = part("It answers now.")
    has_model: bool = part("Otherwise the table answers.")
    arrivals: int = part("It was learned from.")
    error_seconds: float | None = part("Of a model on the newest arrivals, which it had not seen.")
    reckoned_error_seconds: float | None = part("Of roads and carriers alone, on the same.")
    previous_error_seconds: float | None = part("Of the version that answered before, on the same.")
    coverage: float | None = part("How often its interval of 90 % held there.")
    worst_coverage: float | None = part("In the part of them in which it held least.")
    worst_part: str | None
    carriers: list[EtaCarrierRatios] = part("The table.", most=MOST_PARTS)
    note: str = part("Why it answers or does not.")

    @staticmethod
    def of(version: ground.EtaVersion) -> EtaVersion:
        return EtaVersion(
            number=version.number,
            trained_at=version.trained_at,
            is_current=version.is_current,
            has_model=version.has_model,
            arrivals=version.trips,
            error_seconds=version.error_s,
            reckoned_error_seconds=version.reckoned_error_s,
            previous_error_seconds=version.before_error_s,
            coverage=version.coverage,
            worst_coverage=version.worst_coverage,
            worst_part=version.worst_slice or None,
            carriers=[EtaCarrierRatios.of(row) for row in version.carriers[-MOST_PARTS:]],
            note=version.note,
        )


@shape()
class EtaRiskSpan:
    """Arrivals of which a risk of being late between two shares was told."""

    begins: float
    ends: float
    arrivals: int
    told: float = part("Mean of the risks that were told.")
    late: float = part("The share that was late; as large as `told` where risks mean what they say.")

    @staticmethod
    def of(span: RiskSpan) -> EtaRiskSpan:
        return EtaRiskSpan(
            begins=span.begins, ends=span.ends, arrivals=span.trips, told=span.told, late=span.late
        )


@shape()
class EtaRisk:
    """How good the risks of being late were that were told of arrivals with a promise."""

    arrivals: int
    late: float = part("The share that arrived after the promise.")
    brier: float = part("Mean squared difference of the risk and what came of it, 0 to 1; less is better.")
    share_brier: float = part("The same of always telling the share that was late; a good risk has less.")
    ranked: float | None = part(
        "How often of a late and a punctual arrival the late one was told the higher risk; .5 is chance."
    )
    spans: list[EtaRiskSpan] = part("By the risk that was told, rising.", most=len(EDGES))

    @staticmethod
    def of(risk: Risk) -> EtaRisk:
        return EtaRisk(
            arrivals=risk.trips,
            late=risk.late,
            brier=risk.brier,
            share_brier=risk.share_brier,
            ranked=risk.ranked,
            spans=[EtaRiskSpan.of(span) for span in risk.spans],
        )


@shape()
class EtaAccuracy:
    """How good what was said of arrivals was."""

    overall: EtaFigures | None = part("Null where nothing has arrived yet.")
    days: list[EtaFigures] = part("By the day on which it was said, in order.", most=MOST_DAYS)
    parts: list[EtaFigures] = part("By carrier, mode, hour at the door and how far ahead.", most=MOST_PARTS)
    late_risk: EtaRisk | None = part("Null where nothing that arrived was promised.")
    versions: list[EtaVersion] = part("The newest first.", most=MOST_VERSIONS)

    @staticmethod
    def of(found: Accuracy, versions: list[EtaVersion]) -> EtaAccuracy:
        return EtaAccuracy(
            overall=None if found.overall is None else EtaFigures.of(found.overall),
            days=[EtaFigures.of(day) for day in found.days[-MOST_DAYS:]],
            parts=[EtaFigures.of(each) for each in found.parts[:MOST_PARTS]],
            late_risk=None if found.risk is None else EtaRisk.of(found.risk),
            versions=versions,
        )


@entry
class UseEtaVersionInput:
    """An older version answers again, until a better one is learned."""

    number: int


@shape()
class UseEtaVersionSuccess:
    """It answers from now on."""

    version: EtaVersion


UseEtaVersionResult = Annotated[
    UseEtaVersionSuccess | InvalidInput | NotFound,
    strawberry.union("UseEtaVersionResult", description="What going back to a version led to."),
]
