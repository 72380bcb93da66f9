"""The records behind a figure, page by page: found by the worker once for a version of the facts, then read."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import orjson
from django.utils.translation import gettext_lazy as _

from xinglin.indicators import permissions
from xinglin.indicators.definitions.reading import Indicator
from xinglin.indicators.engine import board
from xinglin.indicators.engine.asking import hash_of
from xinglin.indicators.engine.periods import Period
from xinglin.indicators.engine.records import counted_by, opens, records
from xinglin.indicators.events import Event
from xinglin.indicators.models import FactVersion, RecordPage
from xinglin.indicators.queries import indicator_of, latest_extraction, period_of
from xinglin.indicators.readiness import note_places
from xinglin.network.api import facility_names
from xinglin.platform import audit
from xinglin.platform.actors import Actor
from xinglin.platform.errors import BeingComputed, wrong
from xinglin.platform.jobs import defer_once
from xinglin.platform.waiting import afterwards, is_waited_for

FIND = "indicators.find-records"
PAGE = 50
#: Pages found in one pass over the facts.
AT_ONCE = 10
NUMERATOR, DENOMINATOR = "numerator", "denominator"
_MOST_GROUP = 40


@dataclass(frozen=True, slots=True)
class Behind:
    """A page of records behind a figure; `next_after` is empty on the last. `counted_by`: how the figure counts them, as in
    definitions: a figure of ``persons`` may have more records than it says. `n_elsewhere`: how many more it counts of the
    reader's own people at places he does not see.
    """

    indicator: Indicator
    table: str
    rows: list[dict[str, Any]]
    next_after: str
    counted_by: str
    n_elsewhere: int


@dataclass(frozen=True, slots=True)
class Sought:
    """Which page of which records: `places` None is the whole county, `after` the last record of the page before."""

    version: FactVersion
    indicator: Indicator
    period: Period
    places: Collection[int] | None
    part: str
    after: str

    @property
    def about(self) -> dict[str, Any]:
        """The columns its pages are kept under, but for `after`."""
        return {
            "version": self.version, "definition": self.indicator.key, "period": self.period.text,
            "places": board.digest(self.places), "part": self.part,
        }  # fmt: skip


def records_behind(actor: Actor, *, slug: str, period: str, part: str, after: str, at: datetime) -> Behind:
    """Records behind a figure at the reader's places, with no name of anybody.

    :raises NotVisible: there is no such figure. :raises InvalidInput: no such period or page
    :raises BeingComputed: nobody opened them yet, and somebody waits: the worker looks for them
    """
    permissions.may_view_board(actor).require()
    wanted, chosen = period_of(period), indicator_of(slug)
    extraction = latest_extraction()
    version = extraction.version if extraction else None
    table = "" if chosen.method else opens(chosen)
    rows: list[dict[str, Any]] = []
    n_elsewhere = 0
    if version is not None and table:
        places = permissions.board_places(actor)
        rows, n_elsewhere = _kept(Sought(version, chosen, wanted, places, _part(chosen, part), _after(after)), at=at)
    audit.record(Event.OPENED, by=actor, at=at, kind="indicators.definition", key=slug, detail={"period": period})
    names = facility_names(
        {row["facility"] for row in rows if row["facility"]} | {row.get("to_facility") for row in rows}
    )
    for row in rows:
        row["facility_name"] = names.get(row["facility"], "")
        row["to_facility_name"] = names.get(row.get("to_facility") or 0, "")
        for column in ("at", "since"):
            row[column] = _moment(row.get(column))
    following = str(rows[PAGE - 1]["uuid"]) if len(rows) > PAGE else ""
    return Behind(chosen, table, rows[:PAGE], following, counted_by(chosen, part), n_elsewhere)


def _part(indicator: Indicator, part: str) -> str:
    """What is opened: a group of a figure that has groups, or one of the two numbers."""
    if part in {NUMERATOR, DENOMINATOR} or not (part and indicator.group_by):
        return DENOMINATOR if part == DENOMINATOR else NUMERATOR
    return part[:_MOST_GROUP]


def _after(text: str) -> str:
    try:
        return str(UUID(text)) if text else ""
    except ValueError as error:
        raise wrong("after", _("没有这一页。")) from error


def _kept(sought: Sought, *, at: datetime) -> tuple[list[dict[str, Any]], int]:
    """A page and the first record of the next one; and how many are not listed."""
    found = _page(sought)
    if found is None and is_waited_for():
        afterwards(lambda: _ask(sought, at=at))
        raise BeingComputed(_("正在查找这个数字背后的记录。"))
    if found is None:
        find(sought, at=at)
        found = _page(sought)
    return found or ([], 0)


def _ask(sought: Sought, *, at: datetime) -> None:
    if sought.places is not None:
        note_places(sought.places, at=at)
    asked = {
        "version": sought.version.pk, "slug": sought.indicator.slug, "period": sought.period.text,
        "places": board.digest(sought.places), "part": sought.part, "after": sought.after,
    }  # fmt: skip
    defer_once(FIND, lock=f"{FIND}-{hash_of(asked)}", **asked)


def _page(sought: Sought) -> tuple[list[dict[str, Any]], int] | None:
    found = RecordPage.objects.filter(**sought.about, after=sought.after)
    return found.values_list("rows", "n_elsewhere").first()


def find(sought: Sought, *, at: datetime) -> None:
    """Find a page and some after it in one pass over the facts, and keep them."""
    found = records(
        sought.version, sought.indicator, sought.period, places=sought.places, part=sought.part, after=sought.after,
        limit=AT_ONCE * PAGE + 1,
    )  # fmt: skip
    told = orjson.loads(orjson.dumps(found.rows, default=str))
    begins = range(0, max(1, min(len(told), AT_ONCE * PAGE)), PAGE)
    RecordPage.objects.bulk_create(
        [
            RecordPage(
                **sought.about, after=told[begin - 1]["uuid"] if begin else sought.after,
                rows=told[begin : begin + PAGE + 1], n_elsewhere=found.n_elsewhere, found_at=at,
            )
            for begin in begins
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def _moment(text: Any) -> datetime | date | None:
    """A day or a moment of a record; moments are of UTC."""
    if not text:
        return None
    if "T" not in text:
        return date.fromisoformat(text)
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
