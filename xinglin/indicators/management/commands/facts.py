"""``xinglin facts``: extract facts now and print the board."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from xinglin.indicators import queries
from xinglin.indicators.definitions.reading import indicators
from xinglin.indicators.engine import board
from xinglin.indicators.engine.computing import WHOLE
from xinglin.indicators.engine.values import Value
from xinglin.indicators.jobs import bring_up_to_date
from xinglin.platform import clock


class Command(BaseCommand):
    help = "Bring the facts up to date and print the county board of a period."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--period", default="", help="2026-11, 2026-Q4, 2026 or 2026-11-YTD; default: this month")
        parser.add_argument("--group", default=queries.DAILY, help="daily, national-2024, programmes …; all")
        parser.add_argument("--everything", action="store_true", help="write all months anew")

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        run = bring_up_to_date(at=now, everything=options["everything"])
        self.stdout.write(f"{run.n_rows} facts written in {sum(map(len, run.months.values()))} files")
        period = queries.period_of(options["period"] or queries.current_period(now))
        chosen = [each for each in indicators() if options["group"] in {"all", each.content.get("group")}]
        assert run.version is not None
        found = board.figures(run.version, period, wanted=chosen, at=now)
        for each in chosen:
            self.stdout.write(line(each.slug, each.unit, found[each.slug].get(WHOLE, Value())))


def line(slug: str, unit: str, value: Value) -> str:
    """One figure in a line."""
    shown = (
        f"no data ({value.why}{': ' + value.missing if value.missing else ''})"
        if value.value is None
        else f"{value.value:g}"
    )
    parts = f" ({value.numerator:g}/{value.denominator:g})" if value.denominator and value.numerator is not None else ""
    groups = "  " + ", ".join(f"{name} {n}" for name, n in value.groups.items()) if value.groups else ""
    return f"{slug:<28}{shown:>10} {unit}{parts}{groups}"
