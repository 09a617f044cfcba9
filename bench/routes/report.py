"""Gaps of planners over many instances: figures for machines, lines for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from bench.routes.instance import Instance
from bench.routes.scoring import Outcome

_SIZES = (100, 200, 400, 600, 800, 1000)


def figures(instances: Sequence[Instance], ours: Mapping[str, Outcome]) -> dict[str, object]:
    """The gap of each instance and their means, per cent; None where no best cost is known."""
    return {
        "instances": {
            instance.name: {
                "gap": ours[instance.name].gap(instance),
                "seconds": ours[instance.name].seconds,
            }
            for instance in instances
        },
        "mean_gap": mean(gaps(instances, ours)),
        "mean_gap_by_class": {
            name: mean(gaps(members, ours)) for name, members in classes_of(instances).items()
        },
        "infeasible": sum(outcome.cost is None for outcome in ours.values()),
    }


def summary(
    instances: Sequence[Instance], outcomes: Mapping[str, Mapping[str, Outcome]], peers: Sequence[str]
) -> Iterator[str]:
    """Mean gaps by class, and beside each peer over the instances that both have a gap for."""
    wide = max((len(name) for name in classes_of(instances)), default=0) + 2
    for name, members in classes_of(instances).items():
        means = [_in_words(mean(gaps(members, made))) for made in outcomes.values()]
        yield f"{name:<{wide}}{len(members):>4}  " + "".join(f"{text:>16}" for text in means)
    ours = next(iter(outcomes.values()))
    for peer in peers:
        theirs = outcomes[peer]
        both = [one for one in instances if _gap(ours, one) is not None and _gap(theirs, one) is not None]
        our_mean, their_mean = mean(gaps(both, ours)), mean(gaps(both, theirs))
        if our_mean is None or their_mean is None:
            yield f"{peer}: no instance to compare"
            continue
        share = f", 1/{their_mean / our_mean:.1f} of it" if our_mean > 0 and their_mean > 0 else ""
        yield f"{peer}: {their_mean:.2f} % over {len(both)} instances, ours {our_mean:.2f} %{share}"


def classes_of(instances: Iterable[Instance]) -> dict[str, list[Instance]]:
    """By size where there are windows; those without are a class of their own."""
    classes: dict[str, list[Instance]] = {}
    for instance in instances:
        size = next((size for size in _SIZES if instance.stops <= size), _SIZES[-1])
        classes.setdefault(str(size) if instance.has_windows else "without windows", []).append(instance)
    return classes


def gaps(instances: Iterable[Instance], outcomes: Mapping[str, Outcome]) -> list[float]:
    """Those that are known."""
    found = [_gap(outcomes, instance) for instance in instances]
    return [gap for gap in found if gap is not None]


def mean(values: Sequence[float]) -> float | None:
    """None where there are no values."""
    return round(sum(values) / len(values), 3) if values else None


def _gap(outcomes: Mapping[str, Outcome], instance: Instance) -> float | None:
    outcome = outcomes.get(instance.name)
    return outcome.gap(instance) if outcome else None


def _in_words(gap: float | None) -> str:
    return "no gap" if gap is None else f"{gap:.2f} %"
