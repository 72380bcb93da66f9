"""The workshop: a definition is written, checked, previewed, looked at by a second person, dated; then enrolments are moved to it."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xinglin.accounts.api import for_staff
from xinglin.accounts.data import Permission
from xinglin.network import api as network
from xinglin.platform import audit, clock
from xinglin.platform.errors import Conflict, DomainError, InvalidInput, NotPermitted, NotVisible, wrong
from xinglin.programmes import actions, editions, permissions
from xinglin.programmes.events import Event
from xinglin.programmes.models import Edition
from xinglin.programmes.rules import catalogue
from xinglin.programmes.rules.heading import MOST_BYTES
from xinglin.programmes.web.workshop_page import EditionPage, TextPage, VersionsPage, edition_view
from xinglin.web.answers import fields_of, page, write_once
from xinglin.web.request import Request

SHOWN = 100


@require_safe
@for_staff
def index(request: Request) -> HttpResponse:
    """Definitions made in the county, the newest step first."""
    rows = [(each, edition_view(each)) for each in editions.editions_visible_to(request.actor)[:SHOWN]]
    audit.record(Event.LISTED, by=request.actor, at=clock.now(), detail={"of": "editions"})
    return page(request, "programmes/workshop.html", rows=rows, may_write=permissions.may_write_edition(request.actor))


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def new(request: Request) -> HttpResponse:
    """A text to begin with: empty, or that of a programme in force."""
    permissions.may_write_edition(request.actor).require()
    if request.method != "POST":
        return _text(request, _begin(request.GET.get("from", "")))

    def write() -> str:
        kept = actions.keep_edition(text=_given(request), by=request.actor, at=clock.now())
        return reverse("programmes:edition", args=[kept.uuid])

    return _write_text(request, write)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def edit(request: Request, uuid: UUID) -> HttpResponse:
    """Another text in place of the one that was kept."""
    permissions.may_write_edition(request.actor).require()
    row = editions.visible_edition(request.actor, uuid)
    if request.method != "POST":
        return _text(request, row.text, edition=row)

    def write() -> str:
        actions.change_edition(
            edition=row,
            text=_given(request),
            checksum=request.POST.get("checksum", ""),
            by=request.actor,
            at=clock.now(),
        )
        return reverse("programmes:edition", args=[row.uuid])

    return _write_text(request, write, edition=row)


def _begin(slug: str) -> str:
    """The text of the version in force; nothing when there is none."""
    try:
        return editions.text_of(catalogue.programme(slug, on=clock.today(clock.now())).version) if slug else ""
    except LookupError as error:
        raise NotVisible("programmes.programme", slug) from error


def _given(request: Request) -> str:
    """The text that was typed, or the file that was chosen. :raises InvalidInput: it is too large, or no text"""
    uploaded = request.FILES.get("file")
    if uploaded is None:
        return request.POST.get("text", "").replace("\r\n", "\n")
    if uploaded.size is None or uploaded.size > MOST_BYTES:
        raise wrong("file", _("文件太大。"))
    try:
        return str(uploaded.read(), "utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise wrong("file", _("文件不是 UTF-8 文本。")) from error


def _write_text(request: Request, write: Callable[[], str], *, edition: Edition | None = None) -> HttpResponse:
    """Check, or keep; what cannot be kept comes back with what is wrong."""
    try:
        if request.POST.get("op") != "keep":
            audit.record(Event.TEXT_CHECKED, by=request.actor, at=clock.now())
            return _text(request, _given(request), edition=edition, check=True)
        return write_once(request, write, _("草稿已保存。"))
    except (InvalidInput, Conflict) as error:
        text = request.POST.get("text", "") if "file" in fields_of(error) else _again(request)
        return _text(request, text, edition=edition, check=True, error=error)


def _again(request: Request) -> str:
    if (uploaded := request.FILES.get("file")) is not None:
        uploaded.seek(0)
    return _given(request)


def _text(
    request: Request, text: str, *, edition: Edition | None = None, check: bool = False, error: Any = None
) -> HttpResponse:
    built = TextPage.build(text, on=clock.today(clock.now()), edition=edition, check=check, error=error)
    return page(request, "programmes/edition_text.html", page=built, status=error.status if error else 200)


@require_safe
@for_staff
def detail(request: Request, uuid: UUID) -> HttpResponse:
    """One definition on its way."""
    actor, at = request.actor, clock.now()
    row = editions.visible_edition(actor, uuid)
    if not request.htmx:
        audit.record(Event.EDITION_VIEWED, by=actor, at=at, kind="programmes.edition", key=str(uuid))
    return page(request, "programmes/edition.html", fragment="effect", page=EditionPage.build(actor, row, at=at))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(_("请填写生效日。"), fields={"valid_from": _("请填写日期。")}) from error


@require_POST
@for_staff
def step(request: Request, uuid: UUID, verb: str) -> HttpResponse:
    """One step of one definition."""
    row, post, at = editions.visible_edition(request.actor, uuid), request.POST, clock.now()
    common: dict[str, Any] = {"edition": row, "checksum": post.get("checksum", ""), "by": request.actor, "at": at}
    reason = post.get("reason", "")
    verbs: dict[str, Callable[[], Any]] = {
        "submit": lambda: actions.submit_edition(**common),
        "approve": lambda: actions.approve_edition(note=reason, **common),
        "return": lambda: actions.return_edition(reason=reason, **common),
        "date": lambda: actions.date_edition(valid_from=_day(post.get("valid_from", "")), **common),
        "withdraw": lambda: actions.withdraw_edition(reason=reason, **common),
        "discard": lambda: actions.discard_edition(reason=reason, **common),
        "effect": lambda: actions.ask_effect(edition=row, by=request.actor, at=at),
    }
    if verb not in verbs:
        raise NotVisible("programmes.verb", verb)

    def write() -> str:
        verbs[verb]()
        return reverse("programmes:edition", args=[row.uuid])

    try:
        return write_once(request, write, _("已保存。"))
    except (InvalidInput, Conflict, NotPermitted) as error:
        fresh = editions.visible_edition(request.actor, uuid)
        built = EditionPage.build(request.actor, fresh, at=at, error=error)
        return page(request, "programmes/edition.html", page=built, status=error.status)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def versions(request: Request) -> HttpResponse:
    """By which versions enrolments run; those of a facility go over to the one in force."""
    actor, at = request.actor, clock.now()
    actor.may(Permission.PROGRAMME_DO).require()
    if request.method != "POST":
        audit.record(Event.COUNTED, by=actor, at=at, detail={"of": "versions"})
        return _versions(request, request.GET.get("programme", ""))
    slug = request.POST.get("programme", "")

    def write() -> str:
        given, n = request.POST.get("facility", ""), request.POST.get("counted", "")
        try:
            facility_id, counted = network.facility_id_of(UUID(given)), int(n)
        except ValueError as error:
            raise InvalidInput(_("请选择机构。"), fields={"facility": _("请从列表中选择。")}) from error
        actions.move_enrolments(
            programme=slug,
            facility_id=facility_id,
            version=request.POST.get("version", ""),
            counted=counted,
            by=actor,
            at=at,
        )
        return f"{reverse('programmes:versions')}?programme={slug}"

    try:
        return write_once(request, write, _("已更换版本，每人的变化记在本人档案里。"))
    except (InvalidInput, Conflict) as error:
        return _versions(request, slug, error=error)


def _versions(request: Request, slug: str, *, error: DomainError | None = None) -> HttpResponse:
    built = VersionsPage.build(
        request.actor, slug=slug, url=reverse("programmes:versions"), at=clock.now(), error=error
    )
    return page(request, "programmes/versions.html", page=built, status=error.status if error else 200)
