"""`doorstep routes`: a plan as a picture, and as files for navigators and spreadsheets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from doorstep.errors import InvalidInput
from gateway.cli.accounts import MERCHANT
from gateway.cli.running import merchant_named, with_house

if TYPE_CHECKING:
    from gateway.bootstrap.house import House
    from gateway.flow.showing.sheet import PlanSheet

_FROM_FILE = click.option(
    "--file",
    "solved",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A JSON file with problem and solution, in the place of a plan of the gateway.",
)
_OUT = click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Where to write.")


@click.group()
def routes() -> None:
    """Plans to look at and to take along; PLAN is pla_… for a plan, or rte_… for one tour."""


@routes.command("show")
@click.argument("plan", required=False)
@_FROM_FILE
@_OUT
@MERCHANT
def show(plan: str | None, solved: Path | None, out: Path | None, merchant: str | None) -> None:
    """Draw a plan: a map of its tours, in SVG or PNG by the ending of --out [PLAN.svg]."""
    target = out or Path(f"{plan or (solved.stem if solved else 'plan')}.svg")
    if target.suffix.lower() not in {".svg", ".png"}:
        raise InvalidInput(f"--out ends in .svg or .png, not {target.name}", path=("out",))
    sheet = _sheet(plan, solved, merchant)
    from gateway.flow.showing.picture import picture_of

    drawing = picture_of(sheet)
    if target.suffix.lower() == ".png":
        from gateway.app.png import png_of

        target.write_bytes(png_of(drawing))
    else:
        from gateway.flow.showing.svg import svg_of

        target.write_bytes(svg_of(drawing))
    click.echo(target)


@routes.command("export")
@click.argument("plan", required=False)
@click.option("--format", "kind", type=click.Choice(["gpx", "csv"]), default="csv", show_default=True)
@click.option("--names", is_flag=True, help="With recipients, and in GPX with drivers and addresses too.")
@_FROM_FILE
@_OUT
@MERCHANT
def export(
    plan: str | None, kind: str, solved: Path | None, out: Path | None, merchant: str | None, *, names: bool
) -> None:
    """Write a plan as GPX 1.1 (a route for each tour) or as CSV (a row for each stop)."""
    from gateway.flow.showing.gpx import gpx_of
    from gateway.flow.showing.spreadsheet import csv_of

    sheet = _sheet(plan, solved, merchant)
    written = gpx_of(sheet, with_names=names) if kind == "gpx" else csv_of(sheet, with_names=names)
    if out is None:
        click.echo(written, nl=False)
    else:
        out.write_bytes(written)
        click.echo(out)


def _sheet(plan: str | None, solved: Path | None, merchant: str | None) -> PlanSheet:
    if (plan is None) == (solved is None):
        raise InvalidInput("Name a plan, or a JSON file with --file, and not both.", path=("plan",))
    if solved is not None:
        from gateway.flow.showing.of_solution import read_solved, sheet_of_solution

        return sheet_of_solution(read_solved(solved.read_bytes()), f"Routes of {solved.name}")
    name = plan or ""

    async def read(house: House) -> PlanSheet:
        from gateway.bootstrap.plan_sheets import sheet_of

        return await sheet_of(house.database, await merchant_named(house, merchant), name)

    return with_house(read)
