"""What the list and the page of one facility show, gathered once; templates ask nothing further."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from xinglin.accounts.api import accounts_left_at
from xinglin.network import permissions, queries, timetables
from xinglin.network.models import Facility, Membership, Title
from xinglin.network.states import FINAL, LOOKS, Status
from xinglin.network.web.forms import LEVELS
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision
from xinglin.platform.errors import InvalidInput
from xinglin.platform.paging import Page, page_of
from xinglin.web.pills import Pill

#: Days before a title runs out from which it is shown as a warning.
WARN_DAYS = 90
KIND_ICONS = {
    "COUNTY_HOSPITAL": "hospital", "TCM_HOSPITAL": "leaf", "MATERNAL_CHILD": "heart", "CDC": "shield",
    "SPECIALIST_HOSPITAL": "hospital", "TOWNSHIP_HOSPITAL": "building", "COMMUNITY_CENTRE": "building",
    "VILLAGE_CLINIC": "house-medical", "COMMUNITY_STATION": "house-medical", "SERVICE_POINT": "pin",
    "SHARED_CENTRE": "share", "BUREAU": "flag", "ELDERLY_HOME": "home",
}  # fmt: skip


def status_view(status: str) -> Pill:
    """The pill of a facility."""
    return Pill(str(Status(status).label), *LOOKS[Status(status)])


def row_of(facility: Facility) -> dict[str, Any]:
    """One facility as a line."""
    above = facility.manager or facility.host
    return {
        "name": facility.name,
        "url": reverse("network:detail", args=[facility.uuid]),
        "children_url": reverse("network:children", args=[facility.uuid]),
        "icon": KIND_ICONS.get(facility.kind, "building"),
        "kind": facility.get_kind_display(),
        "tier": facility.tier,
        "code": facility.code,
        "division": facility.division.name,
        "manager": above.short_name or above.name if above else "",
        "status": None if facility.status == Status.OPEN else status_view(facility.status),
        "n_managed": getattr(facility, "n_managed", 0),
    }


@dataclass(frozen=True)
class ListPage:
    """Facilities: a tree when nothing is asked for, else a flat list."""

    rows: Sequence[dict[str, Any]]
    paged: Page[Facility]
    query: Mapping[str, str]
    is_tree: bool
    kinds: Sequence[tuple[str, object]]
    tiers: Sequence[tuple[str, object]]
    statuses: Sequence[tuple[str, object]]
    areas: Sequence[tuple[str, str]]
    create: Decision
    may_import: Decision


FILTERS = ("q", "kind", "tier", "status", "area")


def list_page(actor: Actor, asked: Mapping[str, str]) -> ListPage:
    """Gather the list. :raises InvalidInput: the cursor is not one of ours"""
    query = {name: asked.get(name, "").replace("\x00", "")[:40] for name in FILTERS}
    manager = _uuid(asked.get("manager", ""))
    cursor, is_tree = asked.get("cursor", ""), not any(query.values()) and not manager
    if is_tree:
        paged = queries.roots(actor, cursor=cursor)
    else:
        paged = queries.listed(
            actor, text=query["q"], kind=query["kind"], tier=query["tier"], status=query["status"], area=query["area"],
            manager=manager, cursor=cursor,
        )  # fmt: skip
    return ListPage(
        rows=[row_of(each) for each in paged.rows],
        paged=paged,
        query=query,
        is_tree=is_tree,
        kinds=Facility.Kind.choices,
        tiers=Facility.Tier.choices,
        statuses=Status.choices,
        areas=list(queries.areas(actor).values_list("code", "name")[:60]),
        create=permissions.may_open_somewhere(actor),
        may_import=permissions.may_import(actor),
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise InvalidInput(_("机构无法识别。"), fields={"manager": _("机构无法识别。")}) from error


@dataclass(frozen=True)
class ChildrenPage:
    """One branch of the tree."""

    facility: Facility
    rows: Sequence[dict[str, Any]]
    paged: Page[Facility]
    url: str


def children_page(facility: Facility, paged: Page[Facility]) -> ChildrenPage:
    """Gather a branch."""
    return ChildrenPage(
        facility, [row_of(each) for each in paged.rows], paged, reverse("network:detail", args=[facility.uuid])
    )


TABS = (
    ("basics", _("基本情况"), "info"),
    ("departments", _("科室床位"), "bed"),
    ("services", _("服务项目"), "stethoscope"),
    ("equipment", _("设备"), "pulse"),
    ("titles", _("称号资质"), "star"),
    ("memberships", _("医共体片区"), "share"),
    ("managed", _("下级机构"), "building"),
    ("points", _("服务点"), "pin"),
    ("history", _("沿革"), "history"),
)
PATH = (Status.PLANNED, Status.OPEN, Status.SUSPENDED)


@dataclass(frozen=True)
class DetailPage:
    """One facility. `content` holds what the tab shows; `n_left`, of a unit that ended: accounts with rights there."""

    facility: Facility
    tab: str
    tabs: Sequence[dict[str, Any]]
    status: Pill
    steps: Sequence[dict[str, Any]]
    successor: Facility | None
    final: Facility | None
    n_left: int
    predecessors: Sequence[Facility]
    content: Mapping[str, Any]
    edit: Decision
    start: Decision
    suspend: Decision
    merge: Decision
    close: Decision
    today: date
    timetable: str

    @property
    def url(self) -> str:
        """Its own address."""
        return reverse("network:detail", args=[self.facility.uuid])

    @property
    def left_url(self) -> str:
        """The list of the accounts that still hold rights here."""
        return f"{reverse('accounts:users')}?{urlencode({'facility': self.facility.uuid, 'state': 'open'})}"

    @property
    def tab_template(self) -> str:
        """The piece that draws the tab."""
        return f"network/_tab_{self.tab}.html"

    @property
    def yes_no(self) -> str:
        """Words for a flag."""
        return f"{_('是')},{_('否')}"

    @property
    def has_steps(self) -> bool:
        """Whether any step of life is open to the reader."""
        return any((self.start, self.suspend, self.merge, self.close))


def detail_page(actor: Actor, facility: Facility, asked: Mapping[str, str], *, at: datetime) -> DetailPage:
    """Gather the page: the frame and one tab."""
    tab = asked.get("tab", "")
    tab = tab if tab in {key for key, *_rest in TABS} else "basics"
    url = reverse("network:detail", args=[facility.uuid])
    shown = [each for each in TABS if _has_tab(facility, each[0])]
    changes = list(facility.status_changes.all())
    final = queries.final_successor(facility) if facility.status == Status.MERGED else None
    return DetailPage(
        facility=facility,
        tab=tab,
        tabs=[
            {"label": label, "url": f"{url}?tab={key}", "active": key == tab, "icon": icon}
            for key, label, icon in shown
        ],
        status=status_view(facility.status),
        steps=life_steps(facility, changes),
        successor=facility.successor,
        final=final if final is not None and final.pk != facility.successor_id else None,
        n_left=accounts_left_at(actor, facility.pk, at=at) if facility.status in FINAL else 0,
        predecessors=queries.predecessors(facility),
        content={**CONTENT[tab](actor, facility, asked, clock.today(at)), "changes": _changes(changes)},
        edit=permissions.may_edit(actor, facility),
        start=permissions.may_move(actor, facility, Status.OPEN),
        suspend=permissions.may_move(actor, facility, Status.SUSPENDED),
        merge=permissions.may_merge(actor, facility),
        close=permissions.may_close(actor, facility),
        today=clock.today(at),
        timetable=timetables.words(facility.timetable),
    )


def _has_tab(facility: Facility, tab: str) -> bool:
    if facility.kind == Facility.Kind.SERVICE_POINT:
        return tab in {"basics", "history"}
    return tab != "points" or facility.tier == Facility.Tier.VILLAGE


def life_steps(facility: Facility, changes: Sequence[Any]) -> list[dict[str, Any]]:
    """The way of a unit so far, and the step after it."""
    steps: list[dict[str, Any]] = [
        {
            "label": Status(each.became).label,
            "state": "done",
            "at": each.changed_at,
            "by": each.changed_by_name,
            "note": each.reason,
        }
        for each in changes[-5:]
    ]
    if not steps or changes[-1].became != facility.status:
        steps.append({"label": facility.get_status_display(), "state": "done", "at": facility.status_changed_at})
    steps[-1]["state"] = "done" if facility.status in FINAL else "current"
    return steps


def _changes(changes: Sequence[Any]) -> list[dict[str, Any]]:
    return [
        {
            "label": Status(each.became).label,
            "changed_at": each.changed_at,
            "changed_by_name": each.changed_by_name,
            "reason": each.reason,
        }
        for each in reversed(changes)
    ]


def _nothing(actor: Actor, facility: Facility, asked: Mapping[str, str], today: date) -> dict[str, Any]:
    return {}


def _departments(actor: Actor, facility: Facility, asked: Mapping[str, str], today: date) -> dict[str, Any]:
    beds = facility.bed_counts.select_related("department").order_by(
        F("valid_until").desc(nulls_first=True), "-valid_from"
    )
    return {"departments": facility.departments.order_by("code")[:300], "beds": beds[:60]}


def _services(actor: Actor, facility: Facility, asked: Mapping[str, str], today: date) -> dict[str, Any]:
    rows = list(facility.services.order_by("code")[:300])
    return {"services": [(row, row.valid_until is None or row.valid_until > today) for row in rows]}


def _equipment(actor: Actor, facility: Facility, asked: Mapping[str, str], today: date) -> dict[str, Any]:
    looks = {"IN_USE": ("ok", "check-circle"), "REPAIR": ("warning", "settings"), "RETIRED": ("neutral", "ban")}
    rows = [
        {
            "item": row,
            "yuan": None if row.cost_fen is None else row.cost_fen / 100,
            "state": Pill(str(row.get_state_display()), *looks[row.state]),
        }
        for row in facility.equipment.order_by("kind", "code")[:300]
    ]
    return {"equipment": rows}


def expiry_of(title: Title, today: date) -> Pill:
    """Whether a title holds, runs out soon, or has run out."""
    if title.valid_until is None:
        return Pill(str(_("长期有效")), "ok")
    left = (title.valid_until - today).days
    if left <= 0:
        return Pill(str(_("已失效")), "critical")
    if left <= WARN_DAYS:
        return Pill(_("%(n)d天后到期") % {"n": left}, "warning")
    return Pill(str(_("有效")), "ok")


def _titles(actor: Actor, facility: Facility, asked: Mapping[str, str], today: date) -> dict[str, Any]:
    rows = [
        {"title": row, "level": LEVELS.get(row.level, row.level) if row.level else "", "expiry": expiry_of(row, today),
         "in_force": row.valid_until is None or row.valid_until > today}
        for row in facility.titles.order_by("-granted_on", "code")[:100]
    ]  # fmt: skip
    return {"titles": rows, "until": today + timedelta(days=WARN_DAYS)}


def _memberships(actor: Actor, facility: Facility, asked: Mapping[str, str], today: date) -> dict[str, Any]:
    rows = Membership.objects.filter(facility=facility).select_related("consortium").order_by("-valid_from", "-id")
    return {"memberships": rows[:60], "areas": facility.areas.order_by("code")[:60]}


def _managed(actor: Actor, facility: Facility, asked: Mapping[str, str], today: date) -> dict[str, Any]:
    found = queries.with_counts(Facility.objects.filter(manager=facility))
    paged = page_of(found, by=["name", "id"], cursor=asked.get("cursor", ""), size=40)
    return {"rows": [row_of(each) for each in paged.rows], "paged": paged}


def _points(actor: Actor, facility: Facility, asked: Mapping[str, str], today: date) -> dict[str, Any]:
    found = Facility.objects.filter(host=facility).select_related("division", "manager", "host").order_by("name")[:60]
    return {"points": [{**row_of(each), "timetable": timetables.words(each.timetable)} for each in found]}


CONTENT = {
    "basics": _nothing, "departments": _departments, "services": _services, "equipment": _equipment, "titles": _titles,
    "memberships": _memberships, "managed": _managed, "points": _points, "history": _nothing,
}  # fmt: skip
