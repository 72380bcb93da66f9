"""``xinglin archive``: how the outside archive of images is doing."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation

from xinglin.imaging import outside, queries
from xinglin.imaging.outside import OutsideError


class Command(BaseCommand):
    help = (
        "Outside archive of images: whether it answers, what waits for it, and what went wrong. Exits 1 if it does not."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        to = outside.target()
        if to is None:
            self.stdout.write("images stay on disk: XINGLIN_DICOMWEB_ARCHIVE is not set")
            return
        state, counts = queries.archive_state(), queries.archive_counts()
        newest = f", newest {timezone.localtime(counts['newest']):%Y-%m-%d %H:%M}" if counts["newest"] else ""
        self.stdout.write(f"{to.address}")
        self.stdout.write(
            f"waiting {state.n_waiting}, archived {counts['archived']}{newest}, only there {counts['only_there']}"
        )
        with translation.override("en"):
            for each in state.faults:
                self.stdout.write(
                    f"{timezone.localtime(each.noted_at):%Y-%m-%d %H:%M} {each.instance.sop_uid}: "
                    f"{each.get_code_display()} {each.detail} (tries: {each.n_tries})"
                )
        try:
            outside.greet(to)
        except OutsideError as error:
            raise CommandError(f"no answer as an archive: {error.trouble} {error.detail}") from error
        self.stdout.write("answers")
