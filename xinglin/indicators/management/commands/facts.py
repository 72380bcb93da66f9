"""``xinglin facts``: extract facts now and print the board."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from xinglin.indicators import queries
from xinglin.indicators.definitions.reading import Indicator, indicators
from xinglin.indicators.engine import board
from xinglin.indicators.engine.computing import WHOLE
from xinglin.indicators.engine.snapshots import differences
from xinglin.indicators.engine.values import Value
from xinglin.indicators.jobs import bring_up_to_date
from xinglin.indicators.models import Snapshot
from xinglin.platform import clock


class Command(BaseCommand):
    help = "Bring the facts up to date and print the county board of a period."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--period", default="", help="2026-11, 2026-Q4, 2026 or 2026-11-YTD; default: this month")
        parser.add_argument("--group", default=queries.DAILY, help="daily, national-2024, programmes …; all")
        parser.add_argument(
            "--published", action="store_true", help="only compute published figures again, to the digit"
        )
        parser.add_argument("--everything", action="store_true", help="write all months anew")

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        if options["published"]:
            self.again()
            return
        run = bring_up_to_date(at=now, everything=options["everything"])
        self.stdout.write(f"{run.n_rows} facts written in {sum(map(len, run.months.values()))} files")
        period = queries.period_of(options["period"] or queries.current_period(now))
        chosen = [each for each in indicators() if options["group"] in {"all", each.content.get("group")}]
        assert run.version is not None
        found = board.figures(run.version, period, wanted=chosen, at=now)
        for each in chosen:
            self.stdout.write(line(each, found[each.slug].get(WHOLE, Value())))

    def again(self) -> None:
        """Every publication computed from its own facts by its own definitions. :raises CommandError: one came out otherwise"""
        n_wrong = 0
        for each in Snapshot.objects.select_related("version").order_by("frozen_at"):
            found = differences(each)
            n_wrong += len(found)
            self.stdout.write(
                f"{each.period} {each.title}: {', '.join(found) if found else 'every digit as published'}"
            )
        if n_wrong:
            raise CommandError(f"{n_wrong} figure{'s' if n_wrong > 1 else ''} came out otherwise")


def line(indicator: Indicator, value: Value) -> str:
    """One figure in a line; an amount in yuan, though it is kept in fen."""
    shown = (
        f"no data ({value.why}{': ' + value.missing if value.missing else ''})"
        if value.value is None
        else f"{value.value:g}"
    )
    numerator, denominator = (
        "" if n is None else f"{n / 100:.2f} yuan" if indicator.is_money(part) else f"{n:.12g}"
        for part, n in (("numerator", value.numerator), ("denominator", value.denominator))
    )
    parts = f" ({numerator}/{denominator})" if value.denominator and numerator else ""
    groups = "  " + ", ".join(f"{name} {n}" for name, n in value.groups.items()) if value.groups else ""
    return f"{indicator.slug:<28}{shown:>10} {indicator.unit}{parts}{groups}"
