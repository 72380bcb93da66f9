"""What the list pages show: rows, tabs, decisions, addresses. Templates only print."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from xinglin.network import api as network
from xinglin.platform.actors import Actor
from xinglin.platform.paging import Page
from xinglin.referrals import catalogue, permissions, queries
from xinglin.referrals.actions.steps import deadline
from xinglin.referrals.models import Referral
from xinglin.referrals.policies import Verb
from xinglin.referrals.states import Status
from xinglin.referrals.web.steps import Step, status_view, steps_of
from xinglin.web.formats import age_text
from xinglin.web.pills import Pill


@dataclass(frozen=True, slots=True)
class Row:
    """One referral in a list."""

    number: str
    url: str
    who: str
    what: str
    way: str
    channel: catalogue.Channel
    status: Pill
    tone: str
    since: datetime
    due_at: datetime | None
    warn: int
    hold: str
    verb: str  # the one click that is mostly wanted, or empty
    verb_label: str
    dialog: str
    act_url: str
    hold_until: str
    steps: tuple[Step, ...] = ()

    @property
    def next_step(self) -> str:
        """The step that is waited for."""
        return next((step.label for step in self.steps if step.state == "current"), "")


@dataclass(frozen=True, slots=True)
class DeskPage:
    """The receiving desk."""

    tabs: list[dict[str, Any]]
    rows: list[Row]
    paging: Page[Any]
    box: str

    @classmethod
    def build(cls, actor: Actor, *, box: str, cursor: str, at: datetime) -> "DeskPage":
        """One page of one tab, for an actor."""
        paging = queries.desk(actor, box=box, cursor=cursor)
        rows = [_row(actor, each, at) for each in paging.rows]
        return cls(_desk_tabs(actor, box), rows, paging, box)


@dataclass(frozen=True, slots=True)
class SentPage:
    """What the actor's units sent."""

    tabs: list[dict[str, Any]]
    rows: list[Row]
    paging: Page[Any]
    box: str

    @classmethod
    def build(cls, actor: Actor, *, box: str, cursor: str, at: datetime) -> "SentPage":
        """One page of one tab, for an actor."""
        paging = queries.sent(actor, box=box, cursor=cursor)
        rows = [_row(actor, each, at, with_steps=True) for each in paging.rows]
        return cls(_sent_tabs(actor, box), rows, paging, box)


@dataclass(frozen=True, slots=True)
class CountsPage:
    """Statistics of a period."""

    since: date
    until: date
    total: int
    arrived: int
    ended_without_arrival: int
    by_channel: list[dict[str, Any]]
    rows: list[dict[str, Any]]

    @classmethod
    def build(cls, actor: Actor, *, since: date, until: date) -> "CountsPage":
        """Figures an actor may see over ``[since, until)``."""
        period = queries.referral_counts(actor, since=since, until=until)
        names = network.facility_names({i for row in period.rows for i in (row.from_facility_id, row.to_facility_id)})
        directions = dict(Referral.Direction.choices)
        rows = [
            {
                "direction": directions.get(row.direction, row.direction),
                "channel": catalogue.channel_title(row.channel),
                "from": names.get(row.from_facility_id, ""),
                "to": names.get(row.to_facility_id, ""),
                "count": row,
                "is_down": row.direction == Referral.Direction.DOWN,
            }
            for row in period.rows
        ]
        channels = [
            {
                "title": channel.title,
                "icon": channel.icon,
                "n": sum(row.n_sent for row in period.rows if row.channel == channel.slug),
            }
            for channel in catalogue.channels()
        ]
        return cls(
            since=since,
            until=until - timedelta(days=1),
            total=sum(row.n_sent for row in period.rows),
            arrived=sum(row.n_arrived for row in period.rows),
            ended_without_arrival=sum(row.n_ended_without_arrival for row in period.rows),
            by_channel=channels,
            rows=rows,
        )


def _desk_tabs(actor: Actor, box: str) -> list[dict[str, Any]]:
    labels = {
        "new": _("待接收"), "accepted": _("床位/号源已留"), "arrived": _("已到院"), "in-care": _("诊疗中"),
        "discharged": _("待下转"), "returned": _("已下转"), "sent-back": _("退回补充"), "ended": _("已结束"),
    }  # fmt: skip
    return _tabs("referrals:desk", labels, queries.desk_counts(actor), box)


def _sent_tabs(actor: Actor, box: str) -> list[dict[str, Any]]:
    labels = {"open": _("进行中"), "todo": _("待我补充"), "ended": _("已结束")}
    return _tabs("referrals:sent", labels, queries.sent_counts(actor), box)


def _tabs(url_name: str, labels: dict[str, str], counts: dict[str, int], box: str) -> list[dict[str, Any]]:
    return [
        {"label": label, "url": f"{reverse(url_name)}?box={name}", "active": name == box, "count": counts.get(name)}
        for name, label in labels.items()
    ]


def _row(actor: Actor, referral: Referral, at: datetime, *, with_steps: bool = False) -> Row:
    resident, status = referral.resident, Status(referral.status)
    channel = catalogue.channel(referral.channel)
    overdue = referral.due_at is not None and referral.due_at < at
    department = f" {referral.to_department}" if referral.to_department else ""
    verb, label = _wanted(actor, referral)
    steps = steps_of(referral, list(referral.status_changes.all())) if with_steps else []
    return Row(
        number=referral.number,
        url=reverse("referrals:detail", args=[referral.uuid]),
        who=f"{resident.name} · {resident.get_sex_display()} · {age_text(resident.born_on, timezone.localdate(at))}",
        what=referral.impression,
        way=f"{referral.from_facility} → {referral.to_facility}{department}",
        channel=channel,
        status=status_view(referral),
        tone="critical" if overdue or (channel.is_emergency and status == Status.SUBMITTED) else "",
        since=referral.sent_at or referral.drafted_at,
        due_at=referral.due_at,
        warn=3 if channel.is_emergency else 120,
        hold=referral.hold_text if status == Status.ACCEPTED else referral.admitted_to,
        verb=verb,
        verb_label=label,
        dialog=f"accept-{referral.uuid}",
        act_url=reverse("referrals:act", args=[referral.uuid, verb]) if verb else "",
        hold_until=local_input(deadline(referral, "hold", since=at)) if verb == Verb.ACCEPT else "",
        steps=tuple(steps),
    )


def _wanted(actor: Actor, referral: Referral) -> tuple[str, str]:
    """The step most wanted at the desk, if the actor may take it."""
    for verb, label in ((Verb.ACCEPT, _("接收")), (Verb.ARRIVE, _("到院")), (Verb.RECEIVE_BACK, _("接回"))):
        if permissions.may(verb, actor, referral):
            return verb, label
    return "", ""


def local_input(moment: datetime) -> str:
    """A moment as a ``datetime-local`` input takes it."""
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")
