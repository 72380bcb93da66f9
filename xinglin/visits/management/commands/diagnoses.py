"""``xinglin diagnoses``: load the starter table, or import an official one."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from xinglin.platform import clock
from xinglin.platform.errors import DomainError
from xinglin.visits.loading import SYSTEMS, Report, import_terms, load_starter_terms

MOST_ERRORS_SHOWN = 50


class Command(BaseCommand):
    help = "Diagnosis tables: `load` the starter table, `import FILE` an official one (Excel or CSV)."

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="what", required=True)
        commands.add_parser("load", help="the starter table of common primary-care diagnoses")
        importing = commands.add_parser("import", help="an official table: all of it, or nothing and a list of faults")
        importing.add_argument("file", type=Path, help="an .xlsx or .csv file")
        importing.add_argument("--system", choices=SYSTEMS, default="ICD-10", help="of rows that name none")
        importing.add_argument("--source", default="", help="which edition this is (default: the file's name)")
        importing.add_argument("--dry-run", action="store_true", help="check and count, save nothing")
        importing.add_argument(
            "--retire-starter", action="store_true", help="end starter terms that the table does not have"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "load":
            self.stdout.write(f"{load_starter_terms()} new terms")
            return
        path: Path = options["file"]
        try:
            report = import_terms(
                path, system=options["system"], source=options["source"] or path.stem[:60], at=clock.now(),
                dry_run=options["dry_run"], retire_starter=options["retire_starter"],
            )  # fmt: skip
        except DomainError as error:
            reasons = "; ".join(f"{name}: {reason}" for name, reason in getattr(error, "fields", {}).items())
            raise CommandError(f"{path.name}: {error} {reasons}".strip()) from error
        self._tell(report, dry_run=options["dry_run"])

    def _tell(self, report: Report, *, dry_run: bool) -> None:
        for error in report.errors[:MOST_ERRORS_SHOWN]:
            self.stderr.write(f"row {error.row}, {error.column or '-'}: {error.message}")
        hidden = len(report.errors) - MOST_ERRORS_SHOWN
        if hidden > 0:
            self.stderr.write(f"… and {hidden} more")
        counts = f"{report.n_rows} rows: {report.n_new} new, {report.n_changed} changed, {report.n_same} the same"
        if report.errors:
            raise CommandError(f"{counts}; {len(report.errors)} faults, nothing was saved")
        retired = f", {report.n_retired} starter terms ended" if report.n_retired else ""
        self.stdout.write(f"{counts}{retired}{' (dry run: nothing was saved)' if dry_run else ''}")
