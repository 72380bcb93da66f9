"""``xinglin indicators``: check definitions of indicators before they take effect, each with its worked examples."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from xinglin.indicators.definitions.reading import Indicator, check, indicators
from xinglin.indicators.engine.examples import faults_of
from xinglin.platform.definitions import DefinitionError, read


class Command(BaseCommand):
    help = "Check definitions of indicators and compute their worked examples; without a file, all in force."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["check"], help="what to do")
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="a definition")

    def handle(self, *args: Any, **options: Any) -> None:
        n_faults = 0
        for path in options["files"]:
            try:
                n_faults += self.one(path.name, check(read(path)))
            except (DefinitionError, OSError) as error:
                self.stdout.write(f"{path.name}: {error}")
                n_faults += 1
        if not options["files"]:
            try:
                n_faults += sum(self.one(each.slug, each) for each in indicators())
            except DefinitionError as error:
                raise CommandError(str(error)) from error
        if n_faults:
            raise CommandError(f"{n_faults} fault{'s' if n_faults > 1 else ''}")

    def one(self, name: str, indicator: Indicator) -> int:
        """The faults of one definition, told; or that it is good."""
        faults = faults_of(indicator)
        for each in faults:
            self.stdout.write(f"{name}: {each}")
        if not faults:
            self.stdout.write(f"{name}: good; examples: {len(indicator.definition.examples)}")
        return len(faults)
