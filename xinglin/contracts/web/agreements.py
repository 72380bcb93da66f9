"""The list of contracted residents, one agreement with what was promised and done, and what is done with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpResponse, HttpResponseBase, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from xinglin.accounts.api import for_staff, signed_in
from xinglin.accounts.data import Permission
from xinglin.contracts import documents, permissions, policies, queries, secrecy
from xinglin.contracts.events import Event
from xinglin.contracts.models import Agreement, Promise, Rating
from xinglin.contracts.proofs import WORDS
from xinglin.contracts.rules import settled
from xinglin.contracts.rules.groups import group_titles
from xinglin.contracts.states import Status
from xinglin.contracts.web import words
from xinglin.platform import audit, clock, files
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision
from xinglin.platform.errors import DomainError, NotPermitted, NotVisible
from xinglin.residents import api as residents
from xinglin.web import posted
from xinglin.web.answers import fields_of, message_of, page
from xinglin.web.documents import pdf_response
from xinglin.web.formats import age_text, due_day_text
from xinglin.web.pills import Pill
from xinglin.web.request import Request


# The list ------------------------------------------------------------------------------------------------------------
@require_safe
@for_staff
def agreements(request: Request) -> HttpResponse:
    """Residents under contract where the actor works, by the end of their term."""
    actor, at, asked = request.actor, clock.now(), request.GET
    box, group = asked.get("box", "active"), asked.get("group", "")
    team = posted.uuid(asked, "team") if asked.get("team") else None
    paging = queries.agreement_page(
        actor, box=box, group=group, places=secrecy.places_of(actor, group), team=team, at=at,
        cursor=asked.get("cursor", ""),
    )  # fmt: skip
    shown = [each.resident.uuid for each in paging.rows]
    audit.look_many(Event.LISTED, by=actor, at=at, subjects=shown, box=box, n=len(shown))
    counts, url = queries.box_counts(actor, at=at), reverse("contracts:list")
    hidden = secrecy.hidden_groups(actor, None)
    labels = {
        "active": _("在约"), "renewal": _("待续签"), "overdue": _("有逾期项目"), "draft": _("待签署"), "ended": _("已终止"),
    }  # fmt: skip
    kept = f"&group={group}" if group in group_titles() else ""
    built = {
        "tabs": [
            {"label": text, "url": f"{url}?box={key}{kept}", "active": key == box, "count": counts.get(key)}
            for key, text in labels.items()
        ],
        "rows": _rows(actor, paging.rows, clock.today(at)), "paging": paging, "box": box, "group": group,
        "groups": [each for each in group_titles().items() if each[0] not in hidden], "team": asked.get("team", ""), "reset": f"{url}?box={box}",
        "filtered": bool(group or team), "can_sign": bool(actor.may(Permission.CONTRACT_SIGN)),
    }  # fmt: skip
    return page(request, "contracts/list.html", fragment="rows", page=built)


def _rows(actor: Actor, found: Any, today: date) -> list[dict[str, Any]]:
    overdue = queries.overdue_counts(found, on=today)
    return [
        {
            "url": reverse("contracts:detail", args=[each.uuid]),
            "title": f"{each.resident.name} {each.resident.get_sex_display()} {age_text(each.resident.born_on, today)}",
            "meta": " · ".join(str(part) for part in (each.team.name, each.facility, each.resident.address) if part),
            "groups": words.group_pills(each.groups, secrecy.hidden_groups(actor, each.facility_id)), "n_overdue": overdue.get(each.pk, 0),
            "status": words.status_pill(each), "is_active": each.status == Status.ACTIVE,
            "left": words.left_words(each.ends_on, today), "ends_soon": words.near_end(each.ends_on, today),
        }
        for each in found
    ]  # fmt: skip


# One agreement -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class PromiseRow:
    """One promised item."""

    promise: Promise
    uuid: str
    title: str
    state: str
    tone: str
    icon: str
    when: str
    proof: str
    url: str
    file_url: str
    may: Decision
    can_book: bool
    may_take_back: bool
    score: str


@dataclass(frozen=True)
class AgreementPage:
    """One agreement for an actor."""

    agreement: Agreement
    person: residents.PersonBanner
    status: Pill
    groups: list[Pill]
    packages: list[str]
    sources: list[str]  # of the packages
    fees: list[tuple[str, str]]
    phone: str
    left: str
    n_done: int
    n_overdue: int
    n_all: int
    open_rows: list[PromiseRow]
    done_rows: list[PromiseRow]
    ratings: list[Rating]
    changes: list[Any]
    signer: str
    may_sign: Decision
    may_end: Decision
    may_renew: Decision
    may_change: Decision
    can_work: bool
    reasons: list[tuple[str, str]]
    other_teams: list[tuple[str, str]]
    entries: list[Any]
    group_options: list[tuple[str, str]]
    today: date
    last_day: date  # that something may have been done: today, or the last of the agreement
    form: str
    values: Mapping[str, Any]
    error: DomainError | None

    @property
    def fields(self) -> Mapping[str, object]:
        """Reasons by field."""
        return fields_of(self.error)

    @property
    def message(self) -> str:
        """What was refused, in a sentence."""
        return message_of(self.error)

    @classmethod
    def build(
        cls, actor: Actor, agreement: Agreement, *, at: datetime, error: DomainError | None = None,
        given: QueryDict | None = None, form: str = "",
    ) -> "AgreementPage":  # fmt: skip
        """The page of a visible agreement."""
        today, team = clock.today(at), agreement.team
        found = [_row(actor, agreement, each, today) for each in queries.promises_of(agreement)]
        owed = [row for row in found if row.promise.dropped_on is None]
        hidden = secrecy.hidden_groups(actor, agreement.facility_id, resident=agreement.resident)
        ids, titles = residents.ids_of_person(agreement.resident), group_titles() | dict.fromkeys(hidden, _("重点管理"))
        others = [each for each in queries.teams_of_facility(agreement.facility_id, on=today) if each.pk != team.pk]
        fees, consent = agreement.fees, agreement.consent
        return cls(
            agreement=agreement, person=residents.person_of(agreement.resident, actor),
            status=words.status_pill(agreement), groups=words.group_pills(agreement.groups, hidden),
            packages=words.package_titles(agreement.packages, hidden),
            sources=words.package_sources(agreement.packages, hidden),
            fees=[(label, words.yuan(fees.get(who, 0))) for who, label in words.bearers().items()],
            phone=queries.phone_of(team), left=words.left_words(agreement.ends_on, today),
            n_done=sum(row.promise.done_on is not None for row in owed),
            n_overdue=sum(row.tone == "critical" for row in owed), n_all=len(owed),
            open_rows=[row for row in owed if row.promise.done_on is None],
            done_rows=[row for row in owed if row.promise.done_on is not None],
            ratings=list(agreement.ratings.select_related("promise").order_by("-rated_at")),
            changes=list(agreement.team_changes.select_related("former", "team")),
            signer=residents.signer_said(consent) if consent else "",
            may_sign=permissions.may_sign(actor, agreement), may_end=permissions.may_end(actor, agreement),
            may_renew=permissions.may_renew(actor, agreement, at=at),
            may_change=permissions.may_change_team(actor, agreement),
            can_work=bool(permissions.may_work(actor, agreement)), reasons=settled.end_reasons(),
            other_teams=[(str(each.uuid), f"{each.name} · {each.facility}") for each in others],
            entries=[_entry(each, titles, hidden) for each in queries.entries_of(ids)],
            group_options=[each for each in titles.items() if each[0] not in hidden], today=today,
            last_day=min(today, policies.last_day(agreement)), form=form, values=given or {}, error=error,
        )  # fmt: skip


def _entry(entry: Any, titles: Mapping[str, str], hidden: frozenset[str]) -> tuple[Any, str]:
    """An entry into a key group; of a hidden one not what shows it."""
    if entry.group in hidden:
        entry.evidence = "—"
    return entry, titles.get(entry.group, entry.group)


def _row(actor: Actor, agreement: Agreement, promise: Promise, today: date) -> PromiseRow:
    promise.agreement = agreement
    state, tone, icon = _state(promise, today)
    item = queries.item_of(promise)
    times = item is not None and (item.times > 1)
    is_secret, title = secrecy.is_secret(promise, actor), secrecy.told_item(promise, actor)
    said = promise.ratings.all()
    return PromiseRow(
        promise=promise, uuid=str(promise.uuid),
        title=title + (_("（第%(n)d次）") % {"n": promise.n} if times else ""),
        state=state, tone=tone, icon=icon, when=_when(promise), proof="" if is_secret else _proof(promise), url="" if is_secret else _proof_url(promise),
        file_url=reverse("contracts:proof", args=[promise.uuid]) if promise.proof_file_id and not is_secret else "",
        may=permissions.may_deliver(actor, promise, on=today),
        can_book=item is not None and "check-up" in item.proofs and bool(permissions.may_book(actor, promise, on=today)),
        may_take_back=bool(permissions.may_take_back(actor, promise)),
        score=str(Rating.Score(said[0].score).label) if said else "",
    )  # fmt: skip


def _state(promise: Promise, today: date) -> tuple[str, str, str]:
    if promise.done_on is not None:
        late = promise.done_on > promise.due_on
        return (_("已完成（超期）"), "warning", "check") if late else (_("已完成"), "ok", "check-circle")
    if promise.due_on < today:
        return due_day_text(promise.due_on, today=today), "critical", "clock"
    if promise.opens_on > today:
        return _("未到时间"), "neutral", "calendar"
    return _("可以做"), "info", "circle"


def _when(promise: Promise) -> str:
    if promise.done_on is not None:
        return _("%(day)s 完成，应于 %(due)s 前") % {
            "day": promise.done_on.isoformat(),
            "due": promise.due_on.isoformat(),
        }
    span = _("%(first)s 至 %(last)s") % {"first": promise.opens_on.isoformat(), "last": promise.due_on.isoformat()}
    if promise.booked_on is not None:
        return _("已预约 %(day)s") % {"day": promise.booked_on.isoformat()} + " · " + span
    return span


def proof_words() -> dict[str, str]:
    """Where a proof comes from, in words."""
    return {
        "visits.visit": _("就诊记录"), "followups.followuptask": _("随访记录"), "diagnostics.request": _("检查报告"),
        "programmes.visit": _("专病随访"), "": _("手工登记"), **{kind: str(text) for kind, text in WORDS.items()},
    }  # fmt: skip


def _proof(promise: Promise) -> str:
    if promise.done_on is None:
        return ""
    return " · ".join(
        part
        for part in (proof_words().get(promise.proof_kind, _("业务记录")), promise.proof_text, promise.noted_by_name)
        if part
    )


def _proof_url(promise: Promise) -> str:
    pages = {
        "visits.visit": "visits:detail", "followups.followuptask": "followups:detail",
        "diagnostics.request": "diagnostics:detail",
    }  # fmt: skip
    name = pages.get(promise.proof_kind)
    return reverse(name, args=[promise.proof_uuid]) if name else ""


@require_safe
@for_staff
def detail(request: Request, uuid: UUID) -> HttpResponse:
    """One agreement."""
    actor, at = request.actor, clock.now()
    agreement = queries.visible_agreement(actor, uuid)
    audit.look(
        Event.VIEWED, by=actor, at=at, subject=agreement.resident.uuid, kind="contracts.agreement", key=str(uuid)
    )
    return page(request, "contracts/detail.html", page=AgreementPage.build(actor, agreement, at=at))


@require_safe
@signed_in
def printed(request: Request, uuid: UUID) -> HttpResponse:
    """The agreement on paper."""
    actor, at = request.actor, clock.now()
    agreement = queries.visible_agreement(actor, uuid)
    audit.look(
        Event.PRINTED, by=actor, at=at, subject=agreement.resident.uuid, kind="contracts.agreement", key=str(uuid)
    )
    return pdf_response(documents.agreement_pdf(agreement, actor, at=at), agreement.number)


@require_safe
@signed_in
def scan(request: Request, uuid: UUID) -> HttpResponseBase:
    """The signed sheet."""
    agreement = queries.visible_agreement(request.actor, uuid)
    if secrecy.tells_secret(agreement, request.actor):
        raise NotPermitted(_("签字页含有保密内容，您没有查看的权限。"))
    return _file(request, agreement, agreement.scan, "contracts.agreement", uuid)


@require_safe
@signed_in
def proof(request: Request, uuid: UUID) -> HttpResponseBase:
    """The picture or document that proves an item."""
    promise = queries.visible_promise(request.actor, uuid)
    if secrecy.is_secret(promise, request.actor):
        raise NotPermitted(_("凭据含有保密内容，您没有查看的权限。"))
    return _file(request, promise.agreement, promise.proof_file, "contracts.promise", uuid)


def _file(request: Request, agreement: Agreement, stored: Any, kind: str, uuid: UUID) -> HttpResponseBase:
    if stored is None:
        raise NotVisible(kind, uuid)
    audit.look(
        Event.VIEWED, by=request.actor, at=clock.now(), subject=agreement.resident.uuid, kind=kind, key=str(uuid)
    )
    response = FileResponse(files.open_file(stored), content_type=stored.media_type)
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
