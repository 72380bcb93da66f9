"""What else a resident is contacted about this week, and what was said to whoever contacted him already."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.followups import desk, purposes
from xinglin.followups.data import Channel, Contact, Purpose
from xinglin.followups.wording import exemptions_said
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.residents import api as residents
from xinglin.web.formats import aside_text

#: How far back the log of contacts is shown.
LOOK_BACK = timedelta(days=180)
MOST_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that is due."""

    title: str
    meta: str
    due: str
    why_now: str
    url: str


@dataclass(frozen=True, slots=True)
class Said:
    """One contact with its answers."""

    title: str
    meta: str
    at: datetime
    tone: str
    answers: tuple[tuple[str, str], ...]
    url: str


@dataclass(frozen=True, slots=True)
class Wish:
    """One wish in words."""

    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class Week:
    """Everything together. `this_week` is the contact that stands for the week, `call` its uuid when it was a call."""

    due: list[Due]
    said: list[Said]
    wishes: list[Wish]
    this_week: Said | None
    call: str

    @property
    def headline(self) -> str:
        """What the contact of this week means for the next one: what is dangerous does not wait."""
        if any(each.why_now for each in self.due):
            return _("本周已联系过；有危急事项，仍须联系")
        return _("本周已联系过，不再另打")

    @classmethod
    def build(
        cls, actor: Actor, resident: Any, *, due: Sequence[Purpose] | None = None, at: datetime, leave_out: Any = None
    ) -> "Week":
        """For a reader who has seen the person; without the task he is at. `due`: what a caller has already asked for."""
        ids, places = residents.ids_of_person(resident), actor.places_where(Permission.FOLLOWUP_VIEW)
        asked = purposes.due_for(actor, ids, at=at) if due is None else due
        contacts = purposes.contacts_of(actor, ids, since=at - LOOK_BACK)[:MOST_SHOWN]
        stands = purposes.contact_this_week(actor, ids, at=at)
        is_call = stands is not None and stands.url.startswith("followups:call ")
        return cls(
            due=[
                due_view(each, is_open=places is None or each.facility_id in places)
                for each in asked
                if each.key != leave_out
            ],
            said=[said_view(each) for each in contacts],
            wishes=[
                Wish(
                    _("%(channel)s：%(answer)s")
                    % {
                        "channel": each.get_channel_display(),
                        "answer": aside_text(_("同意") if each.is_agreed else _("不同意"), each.words),
                    },
                    "ok" if each.is_agreed else "warning",
                )
                for each in desk.wishes_of(ids)
            ],
            this_week=said_view(stands) if stands else None,
            call=stands.url.partition(" ")[2] if stands is not None and is_call else "",
        )


def due_view(each: Purpose, *, is_open: bool) -> Due:
    """A purpose as it is shown; with a way to it when it is open to the reader."""
    return Due(
        each.title, " · ".join(part for part in (each.facility, each.detail.replace("\n", " ")) if part),
        each.due_on.isoformat(), exemptions_said([each.exemption]), _address(f"{each.url} {each.key}" if each.url and is_open else ""),
    )  # fmt: skip


def said_view(contact: Contact) -> Said:
    """A contact as it is shown."""
    how = str(Channel(contact.channel).label) if contact.channel in Channel.values else ""
    reached = "" if contact.was_reached else _("未联系上")
    return Said(
        " · ".join(part for part in (how, contact.what, reached) if part),
        " ".join(part for part in (contact.facility, contact.by_name) if part), contact.at,
        "" if contact.was_reached else "warning", contact.answers, _address(contact.url),
    )  # fmt: skip


def _address(named: str) -> str:
    name, _blank, key = named.partition(" ")
    try:
        return reverse(name, args=[key]) if name and key else ""
    except NoReverseMatch:
        return ""


def days_ago(day: Any, *, at: datetime) -> str:
    """A day of the past in words."""
    days = (clock.today(at) - day).days
    return _("今天") if days == 0 else _("%(days)d天前") % {"days": days}
