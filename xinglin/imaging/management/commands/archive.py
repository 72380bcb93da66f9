"""``xinglin archive``: how the outside archive of images is doing; and the way back to our own disk."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from xinglin.imaging import actions, archive, outside, queries
from xinglin.imaging.data import Trouble
from xinglin.imaging.jobs import KEEPER
from xinglin.imaging.outside import OutsideError, Target
from xinglin.platform import clock


class Command(BaseCommand):
    help = (
        "Outside archive of images: whether it answers, what waits for it, and what went wrong; exits 1 if it does not. "
        "`fetch` brings images back to our disk, compared; exits 1 if one stays there alone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", nargs="?", choices=["status", "fetch"], default="status", help="what to do")
        parser.add_argument("--study", default="", metavar="UID", help="fetch: of this study only (default: of all)")

    def handle(self, *args: Any, **options: Any) -> None:
        to = outside.target()
        if to is None:
            self.stdout.write("images stay on disk: XINGLIN_DICOMWEB_ARCHIVE is not set")
        elif options["act"] == "fetch":
            self.fetch(to, options["study"])
        else:
            self.tell(to)

    def tell(self, to: Target) -> None:
        """How it stands."""
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

    def fetch(self, to: Target, study_uid: str) -> None:
        """Bring back what is only there. Stopped and begun again, it goes on with what is left."""
        n_back, n_failed, last = 0, 0, 0
        while batch := queries.only_there(study_uid=study_uid, after=last):
            for each in batch:
                try:
                    path = archive.fetched(each, to)
                except OutsideError as error:
                    if error.trouble in {Trouble.UNREACHABLE, Trouble.DENIED}:
                        raise CommandError(
                            f"brought back {n_back}; stopped: {error.trouble} {error.detail}".rstrip()
                        ) from error
                    self.stderr.write(f"{each.sop_uid}: {error.trouble} {error.detail}".rstrip())
                    n_failed += 1
                else:
                    actions.keep_again(instance=each, path=path, by=KEEPER, at=clock.now())
                    n_back += 1
            last = batch[-1].pk
        self.stdout.write(f"brought back {n_back}")
        if n_failed:
            raise CommandError(f"{n_failed} stay only there")
