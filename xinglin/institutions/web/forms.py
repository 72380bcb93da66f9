"""From a posted form to the arguments of one action: shape only; and the words pages share."""

from datetime import date, datetime
from uuid import UUID

from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinglin.institutions.data import InstitutionIn
from xinglin.institutions.models import CareAgreement, Institution, Round
from xinglin.institutions.states import LOOKS, RoundStatus, Status
from xinglin.platform.errors import InvalidInput
from xinglin.web import posted
from xinglin.web.pills import Pill


def uuids(values: list[str], name: str) -> list[UUID]:
    """Identifiers chosen from a list. :raises InvalidInput: one is none"""
    try:
        return [UUID(each) for each in values]
    except ValueError as error:
        raise InvalidInput(gettext_lazy("请从列表中选择。"), fields={name: gettext_lazy("请从列表中选择。")}) from error


def moment_or_none(post: QueryDict, name: str) -> datetime | None:
    """A local moment; nothing said is None. :raises InvalidInput: it cannot be read"""
    given = post.get(name, "").strip()
    if not given:
        return None
    try:
        found = parse_datetime(given)
    except ValueError:
        found = None
    if found is None:
        raise InvalidInput(gettext_lazy("时间无法识别。"), fields={name: gettext_lazy("请写成2026-01-31 08:30。")})
    return found if timezone.is_aware(found) else timezone.make_aware(found)


def institution_in(post: QueryDict) -> InstitutionIn:
    """What is written down of an institution. :raises InvalidInput: a day or a number cannot be read"""
    return InstitutionIn(
        name=post.get("name", ""), kind=post.get("kind", ""), address=post.get("address", ""),
        responsible=post.get("responsible", ""), opened_on=posted.day(post, "opened_on"), phone=post.get("phone", ""),
        beds=posted.whole_or_none(post, "beds", most=999_999),
    )  # fmt: skip


def kinds() -> list[tuple[str, str]]:
    """Kinds of institutions in words."""
    return [(value, str(label)) for value, label in Institution.Kind.choices]


def status_look(agreement: CareAgreement) -> Pill:
    """How an agreement stands, for ``<c-status-pill>``."""
    return Pill(str(agreement.get_status_display()), *LOOKS[Status(agreement.status)])


def round_look(found: Round, today: date) -> Pill:
    """How a round stands on a day: planned, to do, missed, done in time or late, not owed."""
    if found.status == RoundStatus.DROPPED:
        return Pill(_("不再需要"), "neutral", "minus")
    if found.status == RoundStatus.DONE:
        late = found.came_at is not None and timezone.localdate(found.came_at) > found.due_on
        if late:
            return Pill(_("已巡诊（超期）"), "warning", "check")
        return Pill(_("已巡诊"), "ok", "check-circle")
    if found.due_on < today:
        return Pill(_("错过%(days)d天") % {"days": (today - found.due_on).days}, "critical", "clock")
    if found.opens_on > today:
        return Pill(_("未到时间"), "neutral", "calendar")
    return Pill(_("可以做"), "info", "circle")


def span_words(found: Round) -> str:
    """The days of a round."""
    return _("%(first)s 至 %(last)s") % {"first": found.opens_on.isoformat(), "last": found.due_on.isoformat()}
