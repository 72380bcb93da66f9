"""Pages of marks: who holds which, grant, withdraw, bring in a table."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xinglin.accounts.api import signed_in
from xinglin.network import api as network
from xinglin.platform import clock
from xinglin.platform.errors import DomainError, InvalidInput, NotVisible, TooLarge
from xinglin.recognition import actions, catalogue, permissions, queries, tables, validity
from xinglin.recognition.data import Level
from xinglin.recognition.web import pages
from xinglin.web.answers import fields_of, page, write_once
from xinglin.web.request import Request
from xinglin.web.sheets import XLSX
from xinglin.web.sheets.reading import MAX_BYTES


@require_http_methods(["GET", "POST"])
@signed_in
def marks(request: Request) -> HttpResponse:
    """The list and the form that grants another one."""
    permissions.may_manage(request.actor).require()
    if request.method == "GET":
        return _shown(request)
    return write_once(
        request, lambda: _grant(request), _("互认标识已登记。"), again=lambda error: _shown(request, error=error)
    )


def _shown(request: Request, *, error: DomainError | None = None) -> HttpResponse:
    today, fields = clock.today(), fields_of(error)
    said = {name: request.GET.get(name, "")[:40] for name in ("q", "kind", "level")}
    found = queries.marks(text=said["q"], kind=said["kind"], level=said["level"], cursor=request.GET.get("cursor", ""))
    _holding, ended = validity.in_force(found.rows, on=today)
    items = [(f"{each.kind}:{each.code}", each.title) for each in catalogue.items(on=today)]
    kinds = catalogue.kinds(on=today)
    context: dict[str, Any] = {
        "rows": [pages.mark_row(request.actor, each, ended=ended, today=today) for each in found.rows],
        "paging": found, "said": said, "error": error, "fields": fields,
        "what_error": fields.get("item") or fields.get("kind") or "", "data": request.POST,
        "kinds": kinds, "levels": [(each.value, each.label) for each in Level],
        "what": [(f"{kind}:", f"{title}：{_('全部项目')}") for kind, title in kinds] + items,
        "facilities": network.choices(each for each in network.open_facilities() if each.tier != "VILLAGE"),
        "max_mb": MAX_BYTES // 1_000_000,
    }  # fmt: skip
    return page(request, "recognition/marks.html", status=error.status if error else 200, **context)


def _grant(request: Request) -> str:
    post = request.POST
    try:
        facility_id = network.facility_by_uuid(UUID(post.get("facility", ""))).id
    except (ValueError, NotVisible) as error:
        raise InvalidInput(_("请选择机构。"), fields={"facility": _("请选择机构。")}) from error
    kind, _colon, item = post.get("what", "").partition(":")
    actions.grant_mark(
        facility_id=facility_id, kind=kind, item=item, level=post.get("level", ""),
        valid_from=_day(post.get("valid_from", ""), "valid_from"),
        valid_until=_day(post.get("valid_until", ""), "valid_until"), evidence=post.get("evidence", ""),
        by=request.actor, at=clock.now(),
    )  # fmt: skip
    return reverse("recognition:marks")


def _day(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(_("请填写日期。"), fields={name: _("请填写日期。")}) from error


@require_POST
@signed_in
def end(request: Request, uuid: UUID) -> HttpResponse:
    """Withdraw a mark."""
    permissions.may_manage(request.actor).require()
    mark = queries.mark_by_uuid(uuid)

    def write() -> str:
        actions.end_mark(mark=mark, reason=request.POST.get("reason", ""), by=request.actor, at=clock.now())
        return reverse("recognition:marks")

    try:
        return write_once(request, write, _("互认标识已停用。"))
    except InvalidInput as error:
        return _shown(request, error=error)


@require_POST
@signed_in
def import_table(request: Request) -> HttpResponse:
    """Bring in a table; what is wrong is told by row, and then nothing is written."""
    permissions.may_manage(request.actor).require()
    upload = request.FILES.get("file")
    try:
        if upload is None:
            raise InvalidInput(_("请选择文件。"), fields={"file": _("请选择文件。")})
        if upload.size is None or upload.size > MAX_BYTES:
            raise TooLarge(_("文件太大：最多 %(mb)d MB。") % {"mb": MAX_BYTES // 1_000_000})
        content = upload.read()

        def write() -> str:
            actions.import_marks(content=content, by=request.actor, at=clock.now())
            return reverse("recognition:marks")

        return write_once(request, write, _("导入完成"))
    except (InvalidInput, TooLarge) as error:
        return _shown(request, error=error)


@require_safe
@signed_in
def template(request: Request) -> HttpResponse:
    """An empty table with an example."""
    permissions.may_manage(request.actor).require()
    response = HttpResponse(tables.template(), content_type=XLSX)
    response["Content-Disposition"] = 'attachment; filename="xinglin-recognition-marks.xlsx"'
    return response
