"""``xinglin programmes``: check or preview a definition of a programme before it takes effect; judge everybody anew; count the county."""

import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import override

from xinglin.platform import clock
from xinglin.programmes.rules import checking, previewing
from xinglin.programmes.rules.describing import level_named
from xinglin.programmes.rules.words import COLON, SEMICOLON


class Command(BaseCommand):
    help = "Check or preview definitions of disease programmes; without a file, check everything in force."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["check", "preview", "recompute", "count"], help="what to do")
        parser.add_argument("files", nargs="*", metavar="FILE", help="a programme, or a file of items")
        parser.add_argument("--language", choices=["zh-hans", "en"], default="zh-hans", help="language of the answer")

        parser.add_argument("--processes", type=int, default=2, help="recompute: how many share the work")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "recompute":
            self.recompute(options["processes"])
            return
        if options["action"] == "count":
            self.count()
            return
        paths = [Path(each) for each in options["files"]] or _in_force()
        with override(options["language"]):
            n_faults = sum(self.one(path, options["action"]) for path in paths)
        if n_faults:
            raise CommandError(f"{n_faults} faults")

    def recompute(self, processes: int) -> None:
        """Grades, due days and findings of every managed resident by the rules in force."""
        from xinglin.programmes import nightly  # noqa: PLC0415 - the other actions need no database

        run = nightly.check_everybody(at=clock.now(), processes=processes, tell=self.tell)
        if run is None:
            raise CommandError("a check is running already")
        assert run.ended_at is not None, "a check that is given back has ended"
        seconds = (run.ended_at - run.started_at).total_seconds()
        self.stdout.write(
            f"{run.n_looked} residents, {run.n_changed} put right, {run.n_failed} failed, {seconds:.1f} s"
        )

    def count(self) -> None:
        """What the pages of populations show of the whole county."""
        from xinglin.programmes import actions  # noqa: PLC0415 - the other actions need no database

        started = time.monotonic()
        n = actions.keep_counts(at=clock.now())
        self.stdout.write(f"{n} counts kept, {time.monotonic() - started:.1f} s")

    def tell(self, run: Any) -> None:
        """Progress, one line."""
        self.stderr.write(f"  {run.n_looked} of {run.n_residents}, {run.n_changed} put right", ending="\r")

    def one(self, path: Path, action: str) -> int:
        """Check one file, and show it when it is good and this is wanted; the number of its faults."""
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{path}: {error}") from error
        report = checking.check_text(text, path.name)
        for fault in report.faults:
            self.stderr.write(str(fault))
        if report.is_good and report.programme is None:
            self.stdout.write(_("%(slug)s：没有错误。") % {"slug": path.name})
        if report.is_good and report.programme is not None:
            n_examples = len(report.programme.examples)
            self.stdout.write(
                _("%(version)s：没有错误，%(n)d 个例子全部算对。")
                % {"version": report.programme.version, "n": n_examples}
            )
            if action == "preview":
                self.show(previewing.preview(report.programme))
        return len(report.faults)

    def show(self, seen: previewing.Preview) -> None:
        """Forms, grades, alerts, a year of visits, and the examples."""
        names = {"screening": _("筛查"), "confirmation": _("确诊"), "routine": _("随访"), "yearly": _("年检")}
        for kind, lines in seen.forms.items():
            self.stdout.write(f"\n## {_('表单')}{COLON}{names[kind]}")
            for line in lines:
                options = " / ".join(str(option.text) for option in line.item.options)
                parts = (str(line.item.label), str(line.item.unit), options, line.when)
                self.stdout.write(f"  {'*' if line.is_required else ' '} " + "  ".join(part for part in parts if part))
        self.stdout.write(f"\n## {_('分级')}")
        for grade in seen.grades:
            words = {"days": grade.every_days, "level": level_named(grade.level)}
            self.stdout.write(
                f"  {grade.grade.title}{COLON}{grade.condition}{SEMICOLON}" + _("每%(days)d天，%(level)s") % words
            )
        self.stdout.write(f"\n## {_('提醒')}")
        for alert in seen.alerts:
            self.stdout.write(f"  [{alert.level}] {alert.text}\n      {alert.condition}")
        self.stdout.write(f"\n## {_('一年的随访')}")
        for table in seen.timetables:
            self.stdout.write(f"  {table.grade.title}{COLON}" + " ".join(f"{day:%m-%d}" for day in table.controlled))
            self.stdout.write(
                "    " + _("首次未控制") + f"{COLON}" + " ".join(f"{day:%m-%d}" for day in table.not_controlled_first)
            )
        self.stdout.write(f"\n## {_('例子')}")
        for example in seen.examples:
            self.stdout.write(
                f"  {example.title}{COLON}" + ", ".join(f"{name} = {value}" for name, value in example.expected.items())
            )


def _in_force() -> list[Path]:
    folders = (settings.DEFINITIONS_DIR, settings.COUNTY_DEFINITIONS_DIR)
    topics = ("programme-items", "programmes")
    return [path for folder in folders for topic in topics for path in sorted((Path(folder) / topic).glob("*.toml"))]
