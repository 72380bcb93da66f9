"""``xinglin facts``: extract facts now and print the board."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from xinglin.indicators import engine, queries
from xinglin.indicators.facts import extract
from xinglin.platform import clock


class Command(BaseCommand):
    help = "Bring the facts up to date and print the county board of a period."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--period", default="", help="2026-11 or 2026; default: this month")
        parser.add_argument("--everything", action="store_true", help="write all months anew")

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        run = extract(at=now, everything=options["everything"])
        self.stdout.write(f"{run.n_rows} facts written in {sum(map(len, run.months.values()))} files")
        period = options["period"] or queries.current_period(now)
        queries.check_period(period)
        _run, figures = engine.board(period=period, places=None, at=now)
        for definition in engine.definitions():
            value = figures[definition.slug]
            shown = "no data" if value.value is None else f"{value.value:g}"
            parts = f" ({value.numerator}/{value.denominator})" if value.denominator is not None else ""
            groups = "  " + ", ".join(f"{name} {n}" for name, n in sorted(value.groups.items())) if value.groups else ""
            self.stdout.write(f"{definition.slug:<24}{shown:>10} {definition.content['unit']}{parts}{groups}")
