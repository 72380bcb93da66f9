"""``xinglin submissions``: what is due, and each step of handing it in, from the command line."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from xinglin.accounts.api import actor_by_username
from xinglin.indicators import api as indicators
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import DomainError, NotVisible
from xinglin.submissions import actions, forms, jobs, queries, sending, words
from xinglin.submissions.formats import fhir
from xinglin.submissions.models import Submission

STEPS = ("due", "calendar", "open", "make", "check", "confirm", "send", "sent", "answer", "correct", "file", "measures")


class Command(BaseCommand):
    help = "Hand in figures: due, calendar, open FORM PERIOD, make|check|confirm|send|file NUMBER, sent|answer|correct NUMBER --words, measures."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("step", choices=STEPS)
        parser.add_argument("what", nargs="?", default="", help="number of a submission; of open: the form")
        parser.add_argument("period", nargs="?", default="", help="of open: 2026-11, 2026-Q4 or 2026")
        parser.add_argument(
            "--by", default="", help="username of who does it; needed for every step but due, calendar, file"
        )
        parser.add_argument("--words", default="", help="how it was sent, what was answered, or why it is corrected")
        parser.add_argument("--refused", action="store_true", help="of answer: the receiver turned it back")
        parser.add_argument("--snapshot", default="", help="of make: title of the publication to draw from")

    def handle(self, *args: Any, **options: Any) -> None:
        step, what = options["step"], options["what"]
        try:
            if step in {"due", "calendar", "measures"}:
                getattr(self, f"_{step}")()
            elif step == "file":
                self.stdout.buffer.write(queries.content_of(self._one(jobs.KEEPER, what)))  # type: ignore[attr-defined]
            else:
                self._step(step, what, options)
        except DomainError as error:
            reasons = "; ".join(f"{place}: {reason}" for place, reason in getattr(error, "fields", {}).items())
            raise CommandError(f"{error}{f' ({reasons})' if reasons else ''}") from error

    def _due(self) -> None:
        for duty in queries.missing_duties(clock.today()):
            self.stdout.write(f"{duty.due_on}  {duty.form} {duty.period}  not begun")
        for each in queries.open_ones():
            self.stdout.write(f"{each.due_on}  {each.form} {each.period}  {each.number} {each.status}")

    def _calendar(self) -> None:
        jobs.calendar(0)
        self._due()

    def _measures(self) -> None:
        import json  # noqa: PLC0415

        found = fhir.bundle("collection", (fhir.measure_of(each) for each in indicators.indicators()))
        self.stdout.write(json.dumps(found, ensure_ascii=False, indent=1))

    def _step(self, step: str, what: str, options: dict[str, Any]) -> None:
        by, now = self._actor(options["by"]), clock.now()
        if step == "open":
            self._tell(actions.open_submission(form=what, period=options["period"], by=by, at=now))
            return
        it = self._one(by, what)
        if step == "make":
            titled = {each.title: each.uuid for each in indicators.frozen_figures(period=it.period)}
            if options["snapshot"] and options["snapshot"] not in titled:
                raise CommandError(f"nothing of {it.period} was published as {options['snapshot']!r}")
            it = actions.make_submission(submission=it, snapshot=titled.get(options["snapshot"]), by=by, at=now)
        elif step == "check":
            it = actions.check_submission(submission=it, by=by, at=now)
        elif step == "confirm":
            it = actions.confirm_submission(submission=it, by=by, at=now)
        elif step == "send":
            self._sent(it, by)
        elif step == "sent":
            it = actions.note_sent(submission=it, words=options["words"], by=by, at=now)
        elif step == "answer":
            it = actions.note_answer(
                submission=it, accepted=not options["refused"], words=options["words"], by=by, at=now
            )
        else:
            it = actions.correct_submission(submission=it, reason=options["words"], by=by, at=now)
        self._tell(it)

    def _actor(self, username: str) -> Actor:
        if not username:
            raise CommandError("say who does it: --by USERNAME")
        try:
            return actor_by_username(username, at=clock.now())
        except NotVisible as error:
            raise CommandError(f"no open account is called {username!r}") from error

    def _sent(self, it: Submission, by: Actor) -> None:
        delivery = sending.deliver(it, by=by, at=clock.now())
        counts = ", ".join(f"{name} {n}" for name, n in delivery.counts.items())
        self.stdout.write(f"{delivery.destination.code}: {delivery.outcome} {counts}")
        for each in delivery.conflicts:
            self.stdout.write(f"  {words.conflict_text(each)}")

    def _one(self, by: Actor, number: str) -> Submission:
        return queries.by_number(by, number)

    def _tell(self, it: Submission) -> None:
        self.stdout.write(f"{it.number} {it.form} {it.period} turn {it.turn}: {it.status}")
        form = forms.found(it.form)
        for fault in it.faults:
            self.stdout.write(f"  {words.fault_text(form, fault)}")
