"""What a model learns of a town whose truth is known, and that its intervals hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from doorstep.errors import InvalidInput
from optimizer.eta.fit import fit
from optimizer.eta.keeping import packed, unpacked
from optimizer.eta.scores import held
from optimizer.eta.trial import parted, try_out
from tests.unit.optimizer.eta.town import START_S, Town, town

LEARNED = 2400


def _drifting() -> Town:
    """From the 70th of a hundred deliveries on everything takes a third longer: the roads are dug up."""
    before = town(3000)
    is_after = np.arange(3000) >= 2100
    return replace(before, took_s=np.where(is_after, before.took_s * 1.33, before.took_s))


def test_a_model_is_better_than_mean_line_and_plain_trees() -> None:
    trial = try_out(town(3000).history(LEARNED), LEARNED)
    for name, figures in trial.baselines.items():
        assert trial.mae < figures["mae"], name
        assert trial.rmse < figures["rmse"], name


def test_the_interval_holds_nine_times_in_ten_and_in_every_slice() -> None:
    trial = try_out(town(6000).history(4800), 4800)
    # 1,200 rows: two standard deviations of a true 90 % are 1.7 %.
    assert 0.88 < trial.coverage < 0.925
    assert trial.slices
    assert trial.slices[0].coverage > 0.8
    assert trial.slices[0].coverage > trial.baselines["plain_lightgbm"]["worst_slice_coverage"]


def test_a_small_table_corrects_its_intervals_by_all_of_its_rows() -> None:
    """Each counts once, however often they are gone through: else the quantile of few is too certain."""
    model = fit(town(300).history())
    assert len(model.rolling.high.recent) == 300
    trials = [try_out(town(500, seed=seed, noise=0.3).history(400), 400) for seed in range(3)]
    # 300 rows: two standard deviations of a true 90 % are 3.5 %.
    assert np.mean([trial.coverage for trial in trials]) == pytest.approx(0.9, abs=0.035)


def test_rows_that_all_carry_one_time_are_learned_from() -> None:
    """In the order of their ends they would be sorted by length, and the longest taken for a jump."""
    world = town(600)
    flat = replace(world, time=replace(world.time, values=np.full(600, START_S), wall=None))
    trial = try_out(flat.history(480), 480)
    assert trial.mae < trial.baselines["mean"]["mae"] * 0.7
    assert trial.coverage > 0.82


def test_nothing_is_learned_of_what_is_always_the_same() -> None:
    with pytest.raises(InvalidInput, match="nothing to foretell"):
        replace(town(100), took_s=np.full(100, 7.0)).history()
    # Where only the first rows are the same, there is something to foretell.
    changing = replace(town(200), took_s=np.where(np.arange(200) < 160, 7.0, 9.0))
    assert np.isfinite(try_out(changing.history(160), 160).mae)


def test_the_interval_goes_on_holding_where_the_world_changes() -> None:
    trial = try_out(_drifting().history(2100), 2100)
    assert trial.still_coverage < 0.8
    assert trial.coverage > 0.85
    # The level follows: without it every forecast would be a quarter too short.
    assert trial.mae < trial.baselines["plain_lightgbm"]["mae"] * 0.9


def test_the_unsure_carrier_has_the_wider_interval() -> None:
    world = town(3000)
    model = fit(world.history())
    found = model.predict(world.table, world.time)
    labels = world.table["carrier"].labels
    width = {
        label: float(np.mean((found.high - found.low)[world.table["carrier"].values == code]))
        for code, label in enumerate(labels)
    }
    assert width["slow"] > 2 * width["quick"]
    assert np.all(found.low <= found.high)
    assert np.all(found.low >= 0)


def test_the_same_history_gives_the_same_model() -> None:
    first, second = fit(town(800).history(), seed=3), fit(town(800).history(), seed=3)
    assert packed(first) == packed(second)


def test_a_model_that_was_kept_says_the_same() -> None:
    world = town(800)
    model = fit(world.history())
    again = unpacked(packed(model))
    before, after = (each.predict(world.table, world.time) for each in (model, again))
    assert np.array_equal(before.point, after.point)
    assert np.array_equal(before.low, after.low)
    assert np.array_equal(before.high, after.high)


@pytest.mark.parametrize("data", [b"", b"nothing", packed(fit(town(100).history()))[:-9]])
def test_bytes_that_are_no_model_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="no model"):
        unpacked(data)


def test_labels_of_the_future_change_nothing_that_was_said_before() -> None:
    """The ends of the last rows are turned round; what is foretold of the rows before them stays."""
    world = town(1000)
    others = replace(world, took_s=np.where(np.arange(1000) < 900, world.took_s, 9e4))
    model = fit(world.history(800).take(slice(0, 800)))
    one, other = (each.history(800).take(slice(800, 900)) for each in (world, others))
    assert np.allclose(model.forecast(one.table).point, model.forecast(other.table).point, rtol=1e-9)


def test_ends_that_were_not_known_when_the_others_begin_are_not_learned_from() -> None:
    history = town(500).history()
    past, after = parted(history, 400)
    assert past.known_at.max() < after.at[0]
    assert 390 <= past.rows < 400
    assert after.rows == 100
    # Where next to nothing was known by then, all that came before is learned from.
    late = replace(history, known_at=history.at + 1e7)
    assert parted(late, 400)[0].rows == 400


def test_too_few_deliveries_are_refused_with_how_many_it_takes() -> None:
    with pytest.raises(InvalidInput, match="at least 60"):
        town(59).history()


def test_a_carrier_that_was_never_seen_is_foretold_all_the_same() -> None:
    world = town(800)
    model = fit(world.history())
    strange = replace(world.table["carrier"], labels=("a", "b", "c"))
    table = world.table.without(["carrier"]).plus([strange])
    assert np.all(np.isfinite(model.predict(table, world.time).point))


def test_one_mistyped_time_does_not_spoil_the_forecast() -> None:
    world = town(2000)
    spoilt = replace(world, took_s=np.where(np.arange(2000) == 700, 8e6, world.took_s))
    right, wrong = (try_out(each.history(1600), 1600) for each in (world, spoilt))
    assert wrong.rmse < right.rmse * 1.05


def test_held_counts_both_ends_in() -> None:
    assert held(np.array([1.0, 2.0, 3.1]), np.ones(3), np.full(3, 3.0)).tolist() == [True, True, False]
