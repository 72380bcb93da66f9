"""``xinglin docs``: write ``docs/reference`` from the code, or say what differs."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from xinglin.project.catalogues import compile_catalogues
from xinglin.project.docs import all_pages
from xinglin.project.docs.text import GENERATED


class Command(BaseCommand):
    help = "Regenerate docs/reference: state diagrams, permissions, indicators, definitions, commands, settings."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; exit 1 and name what differs")
        parser.add_argument("--folder", type=Path, help="where the pages are (default: docs/reference)")

    def handle(self, *args: Any, **options: Any) -> None:
        compile_catalogues()  # the English words come from them
        folder = options["folder"] or Path(settings.BASE_DIR, "docs", "reference")
        made = all_pages()
        outdated = [name for name, text in made.items() if _text(folder / name) != text]
        stray = sorted(set(_generated(folder)) - set(made))
        if options["check"]:
            if outdated or stray:
                raise CommandError(
                    f"docs/reference differs (run `python -m xinglin docs`): {', '.join(outdated + stray)}"
                )
            self.stdout.write(f"docs/reference: {len(made)} pages as the code says")
            return
        for name in outdated:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made[name], encoding="utf-8")
        for name in stray:
            (folder / name).unlink()
        self.stdout.write(f"docs/reference: {len(made)} pages, {len(outdated)} written, {len(stray)} removed")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _generated(folder: Path) -> list[str]:
    """Pages there that were made by this command; what people wrote beside them is left alone."""
    return [str(path.relative_to(folder)) for path in folder.rglob("*.md") if _text(path).startswith(GENERATED.strip())]
