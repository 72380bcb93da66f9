"""``xinglin facilities``: import and export the network as Excel or CSV."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from xinglin.network import actions
from xinglin.network.exchange import TABLES, table_named, writing
from xinglin.network.exchange.base import Plan
from xinglin.platform import clock
from xinglin.platform.actors import system_actor
from xinglin.platform.errors import DomainError
from xinglin.web.sheets.reading import MAX_BYTES

MOST_ERRORS_SHOWN = 50


class Command(BaseCommand):
    help = "Facilities and what they have: `import FILE` or `export FILE` (.xlsx or .csv)."

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="what", required=True)
        importing = commands.add_parser("import", help="all rows of a file, or nothing and a list of faults")
        exporting = commands.add_parser("export", help="all rows, in the layout an import reads")
        for each in (importing, exporting):
            each.add_argument("file", type=Path, help="an .xlsx or .csv file")
            each.add_argument(
                "--table", choices=list(TABLES), default="facilities", help="which table (default: facilities)"
            )
        importing.add_argument("--dry-run", action="store_true", help="check and count, save nothing")
        importing.add_argument(
            "--only-good", action="store_true", help="leave out rows with faults instead of saving nothing"
        )
        importing.add_argument("--language", choices=["zh-hans", "en"], default="zh-hans", help="of the faults")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "export":
            self._export(options["file"], options["table"])
            return
        with translation.override(options["language"]):
            try:
                self._import(options)
            except DomainError as error:
                reasons = "; ".join(f"{name}: {reason}" for name, reason in getattr(error, "fields", {}).items())
                raise CommandError(f"{options['file'].name}: {error} {reasons}".strip()) from error

    def _export(self, path: Path, key: str) -> None:
        table = table_named(key)
        write = writing.as_csv if path.suffix.lower() == ".csv" else writing.as_workbook
        path.write_bytes(write(table, table.stored()))
        self.stdout.write(f"{path}")

    def _import(self, options: dict[str, Any]) -> None:
        path: Path = options["file"]
        try:
            with path.open("rb") as file:
                content = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        by, now = system_actor("xinglin facilities"), clock.now()
        if options["dry_run"]:
            plan = actions.plan_import(table=options["table"], content=content, by=by, at=now)
            self._tell(plan)
            if plan.errors:
                raise CommandError(f"{len(plan.errors)} faults (dry run: nothing was saved)")
            return
        batch, plan = actions.check_import(table=options["table"], content=content, file_name=path.name, by=by, at=now)
        self._tell(plan)
        if plan.errors and not options["only_good"]:
            raise CommandError(f"{len(plan.errors)} faults, nothing was saved")
        actions.apply_import(batch=batch, only_good=options["only_good"], by=by, at=now)

    def _tell(self, plan: Plan) -> None:
        for error in plan.errors[:MOST_ERRORS_SHOWN]:
            self.stderr.write(f"row {error.row}, {error.column}: {error.value!r}: {error.reason}")
        if len(plan.errors) > MOST_ERRORS_SHOWN:
            self.stderr.write(f"… and {len(plan.errors) - MOST_ERRORS_SHOWN} more")
        self.stdout.write(
            f"{len(plan.rows)} rows: {len(plan.new)} new, {len(plan.changed)} changed, {plan.n_same} the same"
        )
