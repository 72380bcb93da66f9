"""An agreement with an institution: signed, renewed, ended, with its plan and its service log."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xinglin.accounts.api import for_staff, signed_in
from xinglin.contracts import api as contracts
from xinglin.institutions import actions, permissions, queries, rules
from xinglin.institutions.data import Signing
from xinglin.institutions.events import Event
from xinglin.institutions.models import CareAgreement, Institution
from xinglin.institutions.web import forms
from xinglin.platform import audit, clock, files
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, DomainError, InvalidInput, NotVisible, TooLarge
from xinglin.web import posted
from xinglin.web.answers import fields_of, message_of, page, write_once
from xinglin.web.request import Request
from xinglin.web.uploads import checked_first, file_at_most


@require_safe
@for_staff
def agreement(request: Request, uuid: UUID) -> HttpResponse:
    """One agreement."""
    actor, at = request.actor, clock.now()
    found = queries.visible_agreement(actor, uuid)
    audit.record(Event.VIEWED, by=actor, at=at, kind="institutions.careagreement", key=str(uuid))
    return page(request, "institutions/agreement.html", page=_built(actor, found, at=at))


def _built(
    actor: Actor, found: CareAgreement, *, at: datetime, error: DomainError | None = None, form: str = ""
) -> dict[str, Any]:  # fmt: skip
    today, titles = clock.today(at), queries.item_titles(found.package)
    rows: list[dict[str, Any]] = [
        {"url": reverse("institutions:round", args=[each.uuid]), "title": titles.get(each.item, each.item),
         "span": forms.span_words(each), "look": forms.round_look(each, today), "n_seen": n_seen, "round": each}
        for each, n_seen in queries.rounds_of(found)
    ]  # fmt: skip
    owed = [row for row in rows if row["look"].tone in ("critical", "info")]
    return {
        "agreement": found, "status": forms.status_look(found), "package": _package(found.package),
        "unit": str(found.team or found.facility), "owed": owed,
        "done": [row for row in rows if row["round"].came_at is not None][::-1],
        "coming": [row for row in rows if row["look"].icon == "calendar"],
        "n_done": sum(row["round"].came_at is not None for row in rows),
        "n_missed": sum(row["look"].tone == "critical" for row in rows), "n_all": len(rows),
        "may_sign": permissions.may_sign(actor, found), "may_end": permissions.may_end(actor, found),
        "may_renew": permissions.may_renew(actor, found, on=today), "changes": list(found.status_changes.all()),
        "reasons": contracts.end_reasons(of=rules.END_REASONS),
        "end_reason": contracts.end_reason_title(found.end_reason, of=rules.END_REASONS), "today": today,
        "fields": fields_of(error), "message": message_of(error), "form": form,
    }  # fmt: skip


def _package(version: str) -> Any:
    try:
        return rules.version(version)
    except LookupError:
        return None


# Signing -------------------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
@checked_first(file_at_most(contracts.MAX_SCAN))
def sign(request: Request, uuid: UUID) -> HttpResponse:
    """Sign an institution for one's own unit, or prepare the agreement to be signed later."""
    actor, at = request.actor, clock.now()
    found = queries.visible_institution(actor, uuid)
    permissions.may_agree_for(actor, actor.place).require()
    teams = contracts.teams_of_facility(actor.place or 0, on=clock.today(at))
    post = request.POST

    def write() -> str:
        assert actor.place is not None  # permitted there
        team = next((each for each in teams if str(each.uuid) == post.get("team")), None)
        drafted = actions.draft_agreement(
            institution=found, facility_id=actor.place, team=team, package=post.get("package", ""),
            starts_on=posted.day(post, "starts_on"), years=posted.whole_or_none(post, "years", most=9) or 1, by=actor, at=clock.now(),
        )  # fmt: skip
        if post.get("draft") != "1":
            actions.sign_agreement(agreement=drafted, signing=_signing(request), by=actor, at=clock.now())
        return reverse("institutions:agreement", args=[drafted.uuid])

    units = [("", _("本机构")), *((str(each.uuid), each.name) for each in teams)]
    return _form(request, found, write, units=units, starts_on=clock.today(at), may_draft=True)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
@checked_first(file_at_most(contracts.MAX_SCAN))
def sign_draft(request: Request, uuid: UUID) -> HttpResponse:
    """Have a prepared agreement signed."""
    found = queries.visible_agreement(request.actor, uuid)
    permissions.may_sign(request.actor, found).require()

    def write() -> str:
        actions.sign_agreement(agreement=found, signing=_signing(request), by=request.actor, at=clock.now())
        return reverse("institutions:agreement", args=[uuid])

    return _form(request, found.institution, write, standing=found)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
@checked_first(file_at_most(contracts.MAX_SCAN))
def renew(request: Request, uuid: UUID) -> HttpResponse:
    """Sign the next term with the same unit."""
    actor, post = request.actor, request.POST
    found = queries.visible_agreement(actor, uuid)
    permissions.may_renew(actor, found, on=clock.today()).require()

    def write() -> str:
        coming = actions.renew_agreement(
            agreement=found, package=post.get("package", ""), years=posted.whole_or_none(post, "years", most=9) or 1,
            signing=_signing(request), by=actor, at=clock.now(),
        )  # fmt: skip
        return reverse("institutions:agreement", args=[coming.uuid])

    return _form(request, found.institution, write, renews=found)


def _signing(request: Request) -> Signing:
    post = request.POST
    return Signing(post.get("signer_name", ""), post.get("signer_title", ""), request.FILES.get("scan"))


def _form(  # noqa: PLR0913 - one page, three ways to it
    request: Request, institution: Institution, write: Callable[[], str], *, units: list[tuple[str, str]] | None = None,
    starts_on: date | None = None, standing: CareAgreement | None = None, renews: CareAgreement | None = None,
    may_draft: bool = False,
) -> HttpResponse:  # fmt: skip
    error: DomainError | None = None
    if request.method == "POST":
        try:
            return write_once(request, write, _("已保存。"))
        except (InvalidInput, Conflict, TooLarge) as refusal:
            error = refusal
    packages = rules.packages(starts_on or clock.today(), kind=institution.kind)
    years = sorted({each for package in packages for each in package.years})
    back = standing or renews
    built = {
        "institution": institution, "units": units or [], "starts_on": starts_on, "standing": standing, "renews": renews,
        "packages": [(each.slug, each.title) for each in packages], "promise": packages[0].promise if packages else "",
        "years": [(str(n), _("%(n)d年") % {"n": n}) for n in years], "values": request.POST, "may_draft": may_draft,
        "back": reverse("institutions:agreement", args=[back.uuid]) if back else reverse("institutions:detail", args=[institution.uuid]),
        "title": _("续签医养协议") if renews else _("签署医养协议"), "fields": fields_of(error),
        "message": message_of(error), "action": request.path,
    }  # fmt: skip
    return page(request, "institutions/sign.html", status=error.status if error else 200, page=built)


@require_POST
@signed_in
def discard(request: Request, uuid: UUID) -> HttpResponse:
    """Throw away an agreement that was not signed."""

    def act(found: CareAgreement) -> None:
        actions.discard_agreement(agreement=found, by=request.actor, at=clock.now())

    return _act(request, uuid, act, _("已作废。"), "")


@require_POST
@signed_in
def end(request: Request, uuid: UUID) -> HttpResponse:
    """End it with a reason."""
    post = request.POST

    def act(found: CareAgreement) -> None:
        actions.end_agreement(
            agreement=found, reason_code=post.get("reason_code", ""), words=post.get("words", ""), by=request.actor,
            at=clock.now(),
        )  # fmt: skip

    return _act(request, uuid, act, _("协议已终止。"), "end")


def _act(
    request: Request, uuid: UUID, act: Callable[[CareAgreement], None], said: str, form: str
) -> HttpResponse:  # fmt: skip
    found = queries.visible_agreement(request.actor, uuid)

    def write() -> str:
        act(found)
        return reverse("institutions:agreement", args=[uuid])

    try:
        return write_once(request, write, said)
    except (InvalidInput, Conflict) as error:
        shown = queries.visible_agreement(request.actor, uuid)
        built = _built(request.actor, shown, at=clock.now(), error=error, form=form)
        return page(request, "institutions/agreement.html", status=error.status, page=built)


@require_safe
@signed_in
def scan(request: Request, uuid: UUID) -> HttpResponseBase:
    """The signed sheet."""
    found = queries.visible_agreement(request.actor, uuid)
    return sent(request, found.scan, "institutions.careagreement", uuid)


def sent(request: Request, stored: Any, kind: str, uuid: UUID) -> HttpResponseBase:
    """A stored sheet as it is. :raises NotVisible: there is none"""
    if stored is None:
        raise NotVisible(kind, uuid)
    audit.record(Event.SCAN_VIEWED, by=request.actor, at=clock.now(), kind=kind, key=str(uuid))
    response = FileResponse(files.open_file(stored), content_type=stored.media_type)
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
