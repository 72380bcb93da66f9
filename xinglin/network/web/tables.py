"""Pages of import and export."""

import csv
import io
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinglin.network import actions, permissions
from xinglin.network.events import Event
from xinglin.network.exchange import TABLES, table_named, writing
from xinglin.network.exchange.base import Plan
from xinglin.network.models import ImportBatch
from xinglin.network.web.views import for_staff
from xinglin.platform import audit, clock, files
from xinglin.platform.decisions import Decision
from xinglin.platform.errors import DomainError, InvalidInput, NotVisible, TooLarge
from xinglin.web.answers import done, page, write_once
from xinglin.web.request import Request
from xinglin.web.sheets import XLSX
from xinglin.web.sheets.escaping import escape
from xinglin.web.sheets.reading import MAX_BYTES, MAX_ROWS

MOST_SHOWN = 200
MEGABYTE = 1_000_000


def visible_batch(request: Request, uuid: UUID) -> ImportBatch:
    """A batch of one's own. :raises NotVisible: absent, or uploaded by somebody else"""
    permissions.may_import(request.actor).require()
    found = ImportBatch.objects.select_related("file").filter(uuid=uuid, uploaded_by=request.actor.user_id).first()
    if found is None:
        raise NotVisible("network.importbatch", uuid)
    return found


def read_upload(request: Request) -> tuple[bytes, str]:
    """Bytes and name of the uploaded file. :raises TooLarge: beyond the bound; :raises InvalidInput: there is none"""
    upload = request.FILES.get("file")
    if upload is None:
        reason = _("请选择文件。")
        raise InvalidInput(reason, fields={"file": reason})
    if upload.size is None or upload.size > MAX_BYTES:
        raise TooLarge(_("文件太大：最多 %(mb)d MB。") % {"mb": MAX_BYTES // MEGABYTE})
    return upload.read(), upload.name or ""


@require_http_methods(["GET", "POST"])
@for_staff
def start(request: Request) -> HttpResponse:
    """Choose a table and a file; templates and exports."""
    error: DomainError | None = None
    table = request.POST.get("table", "facilities")
    may_import = permissions.may_import(request.actor)
    if request.method == "POST":
        try:
            content, name = read_upload(request)
            batch, _plan = actions.check_import(
                table=table, content=content, file_name=name, by=request.actor, at=clock.now()
            )
        except (InvalidInput, TooLarge) as refusal:
            error = refusal
        else:
            return done(request, reverse("network:import_preview", args=[batch.uuid]))
    return page(
        request, "network/import.html", status=error.status if error else 200, error=error, table=table,
        tables=[_links(key) for key in TABLES], options=[(key, each.title) for key, each in TABLES.items()],
        may_import=may_import, max_mb=MAX_BYTES // MEGABYTE, max_rows=MAX_ROWS, recent=_recent(request),
    )  # fmt: skip


def _links(key: str) -> dict[str, Any]:
    return {
        "title": TABLES[key].title, "template": reverse("network:template", args=[key]),
        "xlsx": reverse("network:export", args=[key, "xlsx"]), "csv": reverse("network:export", args=[key, "csv"]),
        "columns": [column.label for column in TABLES[key].columns],
    }  # fmt: skip


def _recent(request: Request) -> list[dict[str, Any]]:
    rows = ImportBatch.objects.filter(uploaded_by=request.actor.user_id).order_by("-uploaded_at")[:10]
    return [
        {"batch": each, "title": TABLES[each.table].title, "url": reverse("network:import_preview", args=[each.uuid])}
        for each in rows
        if each.table in TABLES
    ]


@dataclass(frozen=True)
class PreviewPage:
    """What a file would do; or did."""

    batch: ImportBatch
    plan: Plan | None
    problem: DomainError | None = None

    @property
    def title(self) -> object:
        """Name of the table."""
        return TABLES[self.batch.table].title

    @cached_property
    def errors(self) -> list[Any]:
        """The first faults."""
        return self.plan.errors[:MOST_SHOWN] if self.plan else []

    @property
    def counts(self) -> dict[str, int]:
        """Rows in all, new, changed; faults."""
        if self.plan is None:
            return {}
        plan = self.plan
        return {"rows": len(plan.rows), "new": len(plan.new), "changed": len(plan.changed), "errors": len(plan.errors)}

    @property
    def n_hidden(self) -> int:
        """Faults beyond those shown."""
        return max(len(self.plan.errors) - MOST_SHOWN, 0) if self.plan else 0

    @property
    def changes(self) -> list[dict[str, Any]]:
        """The first rows that add or change something."""
        if self.plan is None:
            return []
        labels = {column.key: column.label for column in self.plan.table.columns}
        rows = [row for row in self.plan.good if row.is_new or row.changed][:20]
        return [
            {
                "number": row.number, "is_new": row.is_new,
                "name": " ".join(filter(None, (row.texts.get(name) for name in (*self.plan.table.identity, "name")))),
                "columns": [labels.get(name, name) for name in row.changed],
            }
            for row in rows
        ]  # fmt: skip

    @property
    def apply(self) -> Decision:
        """Whether the whole file can be written."""
        return Decision(allowed=bool(self.plan and not self.plan.errors and (self.plan.new or self.plan.changed)))

    @property
    def apply_good(self) -> bool:
        """Whether leaving out the faulty rows would leave something to write."""
        return bool(self.plan and self.plan.errors and (self.plan.new or self.plan.changed))


def _preview(request: Request, batch: ImportBatch, problem: DomainError | None = None) -> HttpResponse:
    plan = None
    if batch.applied_at is None:
        with files.open_file(batch.file) as file:
            plan = actions.plan_import(table=batch.table, content=file.read(), by=request.actor, at=clock.now())
    shown = PreviewPage(batch, plan, problem)
    return page(request, "network/import_preview.html", status=problem.status if problem else 200, page=shown)


@require_GET
@for_staff
def preview(request: Request, uuid: UUID) -> HttpResponse:
    """What the file would do, checked against the network of this moment."""
    return _preview(request, visible_batch(request, uuid))


@require_POST
@for_staff
def apply(request: Request, uuid: UUID) -> HttpResponse:
    """Write it."""
    batch = visible_batch(request, uuid)
    only_good = request.POST.get("only_good") == "1"

    def write() -> str:
        actions.apply_import(batch=batch, only_good=only_good, by=request.actor, at=clock.now())
        return reverse("network:import_preview", args=[uuid])

    try:
        return write_once(request, write, gettext_lazy("导入完成"))
    except InvalidInput as refusal:
        return _preview(request, batch, refusal)


@require_GET
@for_staff
def errors(request: Request, uuid: UUID) -> HttpResponse:
    """All faults as a table, to be worked through in a spreadsheet."""
    batch = visible_batch(request, uuid)
    with files.open_file(batch.file) as file:
        plan = actions.plan_import(table=batch.table, content=file.read(), by=request.actor, at=clock.now())
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([_("行号"), _("列"), _("内容"), _("原因")])
    writer.writerows([each.row, escape(each.column), escape(each.value), str(each.reason)] for each in plan.errors)
    return _download(text.getvalue().encode("utf-8-sig"), writing.CSV, f"xinglin-{batch.table}-errors.csv")


@require_GET
@for_staff
def template(request: Request, table: str) -> HttpResponse:
    """An empty table with an example."""
    found = table_named(table)
    return _download(writing.template(found), XLSX, f"xinglin-{found.key}-template.xlsx")


@require_GET
@for_staff
def export(request: Request, table: str, extension: str) -> HttpResponse:
    """A table as it stands."""
    return export_response(request, table, extension)


def export_response(request: Any, table: str, extension: str) -> HttpResponse:
    """A table as a download. :raises NotVisible: no such table or format"""
    found = table_named(table)
    writers = {"xlsx": (writing.as_workbook, XLSX), "csv": (writing.as_csv, writing.CSV)}
    if extension not in writers:
        raise NotVisible("network.format", extension)
    now = clock.now()
    audit.record(Event.EXPORTED, by=request.actor, at=now, detail={"table": table, "format": extension})
    write, media_type = writers[extension]
    return _download(write(found, found.stored()), media_type, writing.file_name(found, extension, clock.today(now)))


def _download(content: bytes, media_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
