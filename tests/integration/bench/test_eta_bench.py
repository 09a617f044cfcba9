"""`python -m bench eta` on tables as people really export them."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.eta import main
from bench.eta.csv_file import read_csv
from doorstep.errors import InvalidInput

KEYS = {"mae", "rmse", "coverage", "worst_slice_coverage", "baselines"}


def _town(rows: int = 700) -> pd.DataFrame:
    """Deliveries whose length follows from distance, hour and courier."""
    luck = np.random.default_rng(4)
    at = pd.Timestamp("2024-03-01") + pd.to_timedelta(np.sort(luck.uniform(0, 40 * 86400, rows)), unit="s")
    km = luck.gamma(3, 1.5, rows)
    courier = luck.choice(["ann", "bob", "cyd"], rows)
    rush = 1 + 0.4 * np.isin(at.hour, (12, 13, 18, 19))
    minutes = (8 + 4 * km * rush) * np.where(courier == "cyd", 1.3, 1.0) * np.exp(luck.normal(0, 0.15, rows))
    return pd.DataFrame(
        {
            "order_id": [f"A-{7919 * row % 100_003}" for row in range(rows)],
            "placed_at": at.floor("s"),
            "courier": courier,
            "distance_km": km.round(3),
            "items": luck.integers(1, 9, rows),
            "minutes": minutes.round(2),
        }
    )


def _semicolons(folder: Path) -> tuple[Path, str, str]:
    path = folder / "semicolons.csv"
    _town().to_csv(path, sep=";", decimal=",", index=False, encoding="cp1252")
    return path, "minutes", "placed_at"


def _gaps(folder: Path) -> tuple[Path, str, str]:
    table = _town(1500)
    luck = np.random.default_rng(1)
    for name in ("distance_km", "courier", "items", "minutes"):
        table[name] = table[name].astype(object).where(luck.random(len(table)) > 0.15, "NaN ")
    path = folder / "gaps.csv"
    table.to_csv(path, index=True)
    return path, "minutes", "placed_at"


def _all_labels(folder: Path) -> tuple[Path, str, str]:
    table = _town()
    table["far"] = pd.cut(table["distance_km"], 4, labels=["near", "middle", "far", "edge"]).astype(str)
    path = folder / "labels.csv"
    table[["placed_at", "courier", "far", "minutes"]].to_csv(path, index=False)
    return path, "minutes", "placed_at"


def _unsorted_zones(folder: Path) -> tuple[Path, str, str]:
    table = _town().sample(frac=1, random_state=3)
    table["placed_at"] = table["placed_at"].dt.strftime("%Y-%m-%dT%H:%M:%S+05:30")
    table["delivered_at"] = table["placed_at"]
    path = folder / "zones.csv"
    table.drop(columns="delivered_at").to_csv(path, index=False, sep="\t")
    return path, "minutes", "placed_at"


def _spelt_out(folder: Path) -> tuple[Path, str, str]:
    table = _town()
    table["Time_taken(min)"] = [f"(min) {minutes:.0f}" for minutes in table.pop("minutes")]
    table["Order_Date"] = table["placed_at"].dt.strftime("%d-%m-%Y")
    table["Time_Orderd"] = table.pop("placed_at").dt.strftime("%H:%M:%S")
    path = folder / "spelt.csv"
    table.to_csv(path, index=False)
    return path, "Time_taken(min)", "Order_Date"


def _ends(folder: Path) -> tuple[Path, str, str]:
    table = _town()
    table["delivered_at"] = table["placed_at"] + pd.to_timedelta(table["minutes"], unit="min")
    table["promised_until"] = table["placed_at"] + pd.Timedelta(hours=1)
    table["mean_speed"] = table["distance_km"] / table["minutes"]
    path = folder / "ends.csv"
    table.to_csv(path, index=False)
    return path, "minutes", "placed_at"


def _epochs(folder: Path) -> tuple[Path, str, str]:
    table = _town()
    table["placed_at"] = (table["placed_at"] - pd.Timestamp(0)) // pd.Timedelta(milliseconds=1)
    table["took"] = [f"{int(each) // 60:02}:{int(each) % 60:02}:30" for each in table.pop("minutes")]
    path = folder / "epochs.csv"
    table.to_csv(path, index=False, sep="|")
    return path, "took", "placed_at"


@pytest.mark.parametrize(
    "make", [_semicolons, _gaps, _all_labels, _unsorted_zones, _spelt_out, _ends, _epochs]
)
def test_awkward_tables_are_learned_from(make: Any, tmp_path: Path) -> None:
    path, target, time = make(tmp_path)
    result = main(["--data", str(path), "--target", target, "--time", time])
    assert result.keys() >= KEYS
    assert result["baselines"].keys() == {"mean", "linear", "plain_lightgbm"}
    assert result["mae"] < 0.8 * result["baselines"]["mean"]["mae"]
    assert result["mae"] < 1.03 * result["baselines"]["plain_lightgbm"]["mae"]
    assert 0.8 < result["coverage"] <= 1.0


def _text() -> str:
    return str(_town(80).to_csv(index=False))


@pytest.mark.parametrize(
    "data",
    [
        ("Deliveries of March,,,,,\n" + _text()).encode(),
        ("sep=,\r\n" + _text()).encode(),
        ("# exported\n\n" + _text()).encode(),
        _text().replace("\n", ",\n").replace("minutes,\n", "minutes\n", 1).encode(),
        _text().replace(" ", "T").replace(",", " ").encode(),
        _text().replace("ann", "Zoë").encode("cp1252"),
        gzip.compress(_text().replace(",", ";").encode()),
        _text().replace("ann", '"ann', 1).encode(),
    ],
    ids=["title", "sep", "comment", "marks at the end", "spaces", "late accent", "gzip", "open quote"],
)
def test_files_are_read_as_programs_write_them(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "town.csv"
    path.write_bytes(data)
    read = read_csv(path, ["Minutes", "placed_at"])
    names = ["order_id", "placed_at", "courier", "distance_km", "items", "minutes"]
    assert (list(read.frame.columns), len(read.frame), read.skipped) == (names, 80, 0)
    assert read.frame["minutes"].astype(float).gt(0).all()


def test_lines_with_too_many_fields_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "town.csv"
    path.write_text(_text() + "A-1,2024-03-01,ann,3,1,9,8,7\n")
    read = read_csv(path, ["minutes"])
    assert (len(read.frame), read.skipped) == (80, 1)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PAR1" + bytes(99), "is a Parquet file; save the table as CSV"),
        (b"PK\x03\x04" + bytes(99), "cannot be read as a table"),
    ],
)
def test_files_that_are_no_text_are_named(data: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "town.xlsx"
    path.write_bytes(data)
    with pytest.raises(InvalidInput, match=words):
        read_csv(path)
    with pytest.raises(InvalidInput, match="is a folder"):
        read_csv(tmp_path)


def test_columns_that_tell_of_the_end_are_named_and_left_out(tmp_path: Path) -> None:
    path, target, time = _ends(tmp_path)
    result = main(["--data", str(path), "--target", target, "--time", time])
    assert result["excluded"].keys() == {"order_id", "delivered_at", "mean_speed"}
    assert result["labels_known"] == "when the time foretold is over"
    # One that is kept by hand makes it far too good.
    fooled = main(["--data", str(path), "--target", target, "--time", time, "--keep", "mean_speed"])
    assert fooled["mae"] < 0.7 * result["mae"]


def test_the_same_seed_gives_the_same_figures(tmp_path: Path) -> None:
    path, target, time = _semicolons(tmp_path)
    first, second = (main(["--data", str(path), "--target", target, "--time", time]) for _ in range(2))
    timings = {"seconds", "train_s", "one_prediction_us"}
    assert {k: v for k, v in first.items() if k not in timings} == {
        k: v for k, v in second.items() if k not in timings
    }


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            ["--target", "minutes", "--time", "when"],
            "there is no column 'when'; there are: order_id, placed_at",
        ),
        (["--target", "courier", "--time", "placed_at"], "'courier' is not a number, such as"),
        (["--target", "minutes", "--time", "courier"], "'courier' is not a time, such as"),
        (["--target", "placed_at", "--time", "placed_at"], "must be two columns"),
        (["--target", "minutes", "--time", "placed_at", "--drop", "x"], "there is no column 'x'"),
    ],
)
def test_mistakes_are_named_with_a_way_out(options: list[str], words: str, tmp_path: Path) -> None:
    path = tmp_path / "town.csv"
    _town(100).to_csv(path, index=False)
    with pytest.raises(SystemExit, match=words):
        main(["--data", str(path), *options])


@pytest.mark.parametrize(("text", "words"), [("", "is empty"), ("a,b\n1,2\n", "there is no column")])
def test_files_without_a_table_are_refused(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "none.csv"
    path.write_text(text)
    with pytest.raises(SystemExit, match=words):
        main(["--data", str(path), "--target", "minutes", "--time", "placed_at"])


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="there is no file"):
        main(["--data", str(tmp_path / "none.csv"), "--target", "minutes", "--time", "placed_at"])
