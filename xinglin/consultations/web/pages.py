"""What the list pages show: rows, tabs, addresses. Templates only print."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from xinglin.consultations import catalogue, queries
from xinglin.consultations.models import Case, Invitation
from xinglin.consultations.states import InvitationStatus
from xinglin.consultations.web.steps import due_words, invitation_pill, kind_pill, status_pill
from xinglin.platform.actors import Actor
from xinglin.platform.paging import Page
from xinglin.web.formats import age_text, listed_text
from xinglin.web.pills import Pill


@dataclass(frozen=True, slots=True)
class Row:
    """One case in a list."""

    url: str
    number: str
    who: str
    what: str
    way: str
    experts: str
    kind: Pill
    status: Pill
    due_at: datetime | None
    due_label: str
    since: datetime
    scheduled_at: datetime | None
    resident: UUID | None  # whom it names


@dataclass(frozen=True, slots=True)
class ListPage:
    """A list of cases under tabs."""

    title: str
    subtitle: str
    tabs: list[dict[str, Any]]
    rows: list[Row]
    paging: Page[Any]
    empty: str
    empty_text: str
    here_url: str


def mine(actor: Actor, *, box: str, cursor: str) -> ListPage:
    """What the actor's units asked."""
    paging = queries.sent(actor, box=box, cursor=cursor)
    words = {"open": _("进行中"), "answered": _("已出意见，待处理"), "ended": _("已结束")}
    return ListPage(
        _("远程会诊"), _("本机构发起的会诊。治疗决定由本机构作出。"), _tabs("consultations:mine", words, box),
        [row(each) for each in paging.rows], paging, _("这里没有会诊"),
        _("在居民档案或就诊记录里点“远程会诊”，选好要给专家看的资料即可发起。"), reverse("consultations:mine"),
    )  # fmt: skip


def desk(actor: Actor, *, box: str, cursor: str) -> ListPage:
    """What the actor's centre organises; names of residents are not its business."""
    paging = queries.desk(actor, box=box, cursor=cursor)
    words = {"new": _("待安排"), "going": _("进行中"), "answered": _("已出意见"), "ended": _("已结束")}
    return ListPage(
        _("会诊安排"), _("邀请、改派专家，约定时间。病历资料只有接受邀请的专家可以查阅。"),
        _tabs("consultations:desk", words, box), [row(each, named=False) for each in paging.rows], paging,
        _("没有待安排的会诊"), _("各机构发起的会诊会出现在这里。"), reverse("consultations:desk"),
    )  # fmt: skip


def expert(actor: Actor, *, box: str, cursor: str) -> ListPage:
    """What the actor was asked."""
    paging = queries.invited(actor, box=box, cursor=cursor)
    words = {"invited": _("待答复"), "going": _("待出意见"), "done": _("已完成")}
    rows = [row(each.case, named=each.status == InvitationStatus.ACCEPTED, asked=each) for each in paging.rows]
    return ListPage(
        _("我的会诊邀请"), _("接受后可以查阅申请方选定的资料，到期自动关闭。"),
        _tabs("consultations:expert", words, box), rows, paging, _("没有会诊邀请"),
        _("新的邀请会在工作台和消息里提醒。"), reverse("consultations:expert"),
    )  # fmt: skip


def _tabs(url_name: str, words: dict[str, str], box: str) -> list[dict[str, Any]]:
    url = reverse(url_name)
    return [{"label": label, "url": f"{url}?box={key}", "active": key == box} for key, label in words.items()]


def row(case: Case, *, named: bool = True, asked: Invitation | None = None) -> Row:
    """One line; `named` says whether it may name the resident."""
    people = listed_text(str(each.expert) for each in case.invitations.all()) if asked is None else ""
    return Row(
        url=reverse("consultations:case", args=[case.uuid]), number=case.number,
        who=who(case, named=named), what=f"{catalogue.specialty_title(case.specialty)} · {case.aim}",
        way=f"{case.from_facility} → {case.to_facility}", experts=people, kind=kind_pill(case),
        status=status_pill(case) if asked is None or asked.status == InvitationStatus.ACCEPTED else invitation_pill(asked),
        due_at=case.due_at if due_words(case) else None, due_label=due_words(case), since=case.requested_at,
        scheduled_at=case.scheduled_at, resident=case.resident.uuid if named else None,
    )  # fmt: skip


def who(case: Case, *, named: bool) -> str:
    """Whom a case is about: by name, or by sex and age alone."""
    resident = case.resident
    age = age_text(resident.born_on, timezone.localdate(case.requested_at))
    return " ".join(part for part in (resident.name if named else "", str(resident.get_sex_display()), age) if part)
