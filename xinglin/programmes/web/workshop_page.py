"""What the pages of the workshop show: definitions on their way, one of them, and by which versions enrolments run."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from xinglin.network import api as network
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision
from xinglin.platform.errors import DomainError
from xinglin.platform.small import shown_count
from xinglin.programmes import editions, judging, permissions, policies, titles
from xinglin.programmes.actions.moving import MOST
from xinglin.programmes.models import Edition, EditionEffect, EditionStatusChange, JointMove
from xinglin.programmes.rules import catalogue
from xinglin.programmes.rules.shapes import Programme
from xinglin.programmes.states import EDITION_LOOKS, EditionStatus
from xinglin.programmes.web.reading_page import ReadingPage, fault_rows, item_rows
from xinglin.web.answers import message_of
from xinglin.web.pills import Pill

S = EditionStatus
#: Lines of the comparison with the version in force that are shown.
MOST_LINES = 400


def edition_view(row: Edition) -> Pill:
    """The status as its pill."""
    tone, icon = EDITION_LOOKS[S(row.status)]
    return Pill(str(row.get_status_display()), tone, icon)


@dataclass(frozen=True, slots=True)
class TextPage:
    """The text to be written, with what a check said of it."""

    edition: Edition | None
    text: str
    checked: bool
    faults: list[dict[str, Any]]
    reading: ReadingPage | None
    starts: list[tuple[str, str]]
    items: list[dict[str, str]]
    error: str

    @classmethod
    def build(
        cls, text: str, *, on: date, edition: Edition | None = None, check: bool = False, error: DomainError | None = None
    ) -> "TextPage":  # fmt: skip
        """A text, checked when that was asked."""
        programme, faults = editions.faults_of(text) if check and text.strip() else (None, ())
        nothing = _("请粘贴方案文本，或选择文件。") if check and not text.strip() else ""
        return cls(
            edition=edition, text=text, checked=check and bool(text.strip()), faults=fault_rows(faults, text), items=item_rows(),
            reading=ReadingPage.build(programme) if programme is not None and not faults else None,
            starts=[] if edition else titles.options(on), error=str(error.message) if error else nothing,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class EffectView:
    """What a text would do, as far as it is counted."""

    row: EditionEffect
    is_running: bool
    is_old: bool
    share: float | None
    tiles: list[dict[str, Any]]
    grades: list[tuple[str, str, str]]


def effect_view(edition: Edition, effect: EditionEffect | None) -> EffectView | None:
    """The newest count of an edition; None when none was asked."""
    if effect is None:
        return None
    counts = effect.figures.get("counts", {})
    return EffectView(
        row=effect, is_running=effect.ended_at is None, is_old=effect.checksum != edition.checksum,
        share=effect.n_looked / effect.n_residents if effect.n_residents else None,
        tiles=[{"label": label, "value": shown_count(counts.get(name, 0)), "note": note} for name, label, note in _figures(counts)],
        grades=_moved_grades(edition, effect),
    )  # fmt: skip


def _figures(counts: Mapping[str, int]) -> list[tuple[str, str, str]]:
    sooner = _("提前 %(sooner)s，推后 %(later)s") % {
        "sooner": shown_count(counts.get("sooner", 0)), "later": shown_count(counts.get("later", 0)),
    }  # fmt: skip
    return [
        ("eligible", _("符合纳入条件"), _("现行版本 %(n)s") % {"n": shown_count(counts.get("eligible_now", 0))}),
        ("not_yet_in", _("符合而未纳入"), ""), ("newly_eligible", _("新符合"), ""), ("no_longer_eligible", _("不再符合"), ""),
        ("enrolled", _("在管"), _("未随访 %(n)s") % {"n": shown_count(counts.get("never_seen", 0))}),
        ("in_but_excluded", _("在管而被排除"), ""),
        ("changed_grade", _("分级会变"), ""), ("changed_is_controlled", _("控制与否会变"), ""),
        ("changed_on_target", _("达标与否会变"), ""), ("changed_next_due_on", _("下次日期会变"), sooner),
    ]  # fmt: skip


def _moved_grades(edition: Edition, effect: EditionEffect) -> list[tuple[str, str, str]]:
    new, _faults = editions.faults_of(edition.text)
    try:
        old = catalogue.programme(edition.slug, effect.against) if effect.against else None
    except LookupError:
        old = None
    rows = []
    for pair, n in sorted(effect.figures.get("grades", {}).items(), key=lambda each: (-each[1], each[0])):
        was, _arrow, becomes = pair.partition(">")
        if was != becomes:
            rows.append((_grade(old, was), _grade(new, becomes), shown_count(n)))
    return rows


def _grade(programme: Programme | None, slug: str) -> str:
    grade = programme.grade(slug) if programme is not None else None
    return str(grade.title) if grade else slug or _("未分级")


@dataclass(frozen=True, slots=True)
class EditionPage:
    """One definition on its way."""

    edition: Edition
    status: Pill
    reading: ReadingPage | None
    faults: list[dict[str, Any]]
    effect: EffectView | None
    against: str
    difference: list[str]
    steps: list[tuple[str, EditionStatusChange]]
    may: dict[str, Decision]
    today: str
    error: str

    @classmethod
    def build(cls, actor: Actor, row: Edition, *, at: datetime, error: DomainError | None = None) -> "EditionPage":
        """For who writes or reviews."""
        today = clock.today(at)
        programme, faults = editions.faults_of(row.text, valid_from=row.valid_from)
        against, difference = _difference(row, today)
        return cls(
            edition=row, status=edition_view(row), faults=fault_rows(faults, row.text),
            reading=ReadingPage.build(programme) if programme is not None and not faults else None,
            effect=effect_view(row, editions.latest_effect(row)), against=against, difference=difference,
            steps=[(str(S(each.became).label), each) for each in editions.steps_of(row)], may=_may(actor, row, today), today=today.isoformat(),
            error=message_of(error),
        )  # fmt: skip


def _may(actor: Actor, row: Edition, today: date) -> dict[str, Decision]:
    steps = {
        "submit": S.SUBMITTED, "approve": S.APPROVED, "return": S.RETURNED, "date": S.DATED, "discard": S.DISCARDED,
    }  # fmt: skip
    found = {name: permissions.may_step_edition(actor, row, to) for name, to in steps.items()}
    withdraw = permissions.may_step_edition(actor, row, S.WITHDRAWN)
    found["withdraw"] = policies.can_withdraw_edition(row, on=today) if withdraw else withdraw
    editable = row.status in {S.DRAFT, S.RETURNED, S.SUBMITTED, S.APPROVED}
    writes = permissions.may_write_edition(actor)
    found["edit"] = writes if editable or not writes else policies.can_step_edition(row, S.DRAFT)
    return found


def _difference(row: Edition, today: date) -> tuple[str, list[str]]:
    """How the text differs from the version in force, line by line."""
    try:
        against = catalogue.programme(row.slug, on=today).version
        if against == row.version:
            return "", []
        before = editions.text_of(against)
    except LookupError:
        return "", []
    lines = difflib.unified_diff(before.splitlines(), row.text.splitlines(), lineterm="", n=1)
    return against, list(lines)[2 : MOST_LINES + 2]


@dataclass(frozen=True, slots=True)
class VersionsPage:
    """By which versions the enrolments of a programme run, facility by facility, and what can be moved."""

    tabs: list[dict[str, Any]]
    programme: Programme
    versions: list[tuple[str, date, int, bool]]
    rows: list[dict[str, Any]]
    moves: list[JointMove]
    most: int
    error: str

    @classmethod
    def build(
        cls, actor: Actor, *, slug: str, url: str, at: datetime, error: DomainError | None = None
    ) -> "VersionsPage":
        """Where the actor manages."""
        today = clock.today(at)
        programme = judging.programme_of(slug or titles.options(today)[0][0], on=today)
        offered = titles.main_options(today, programme.slug)
        running = editions.running(programme.slug, permissions.places_known(actor, programme.slug))
        units = network.facilities_by_id({each.facility_id for each in running})
        known = [each for each in catalogue.all_versions() if each.slug == programme.slug]
        by_place: dict[int, dict[str, int]] = {}
        for each in running:
            by_place.setdefault(each.facility_id, {})[each.version] = each.n
        rows = [
            {
                "name": units[place].name, "uuid": units[place].uuid, "current": several.get(programme.version, 0),
                "left": sum(n for version, n in several.items() if version != programme.version),
                "others": [(version, n) for version, n in several.items() if version != programme.version],
            }
            for place, several in by_place.items()
        ]  # fmt: skip
        totals = {
            version: sum(each.n for each in running if each.version == version)
            for version in {e.version for e in running}
        }
        places = permissions.places_known(actor, programme.slug)
        moves = JointMove.objects.select_related("facility").filter(programme=programme.slug)
        if places is not None:
            moves = moves.filter(facility_id__in=places)
        return cls(
            tabs=[{"label": label, "url": f"{url}?programme={code}", "active": code == programme.slug} for code, label in offered],
            programme=programme,
            versions=[
                (each.version, each.valid_from, totals.get(each.version, 0), each.version == programme.version)
                for each in editions.begun(known, today)
            ],
            rows=sorted(rows, key=lambda each: (-each["left"], each["name"])), moves=list(moves.order_by("-moved_at", "-id")[:10]),
            most=MOST, error=message_of(error),
        )  # fmt: skip
