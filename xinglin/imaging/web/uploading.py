"""The page on which images are uploaded: files or archives, with a line for each."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from xinglin.accounts.api import signed_in
from xinglin.accounts.data import Permission
from xinglin.imaging import actions
from xinglin.imaging.actions import Outcome
from xinglin.imaging.data import Source, Way
from xinglin.imaging.dicom import MAX_BYTES
from xinglin.imaging.unpacking import Piece, pieces_of, shown
from xinglin.platform import clock
from xinglin.platform.errors import DomainError, InvalidInput, NotPermitted
from xinglin.web.answers import page
from xinglin.web.request import Request
from xinglin.web.uploads import checked_first, refuse_longer

MOST_FILES = 500
MOST_BODY = MAX_BYTES


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one file."""

    name: str
    outcome: str
    detail: str
    tone: str


def _short(request: HttpRequest) -> None:
    refuse_longer(request, most=MOST_BODY, told=MOST_BODY, code="dicom-too-large")


@checked_first(_short)
@require_http_methods(["GET", "POST"])
@signed_in
def upload(request: Request) -> HttpResponse:
    """The form, and after it a line for each file."""
    actor = request.actor
    if actor.place is None:
        raise NotPermitted(_("您没有所在机构，不能上传影像。"), code="no-place")
    actor.may(Permission.RECORDING_UPLOAD, at=actor.place).require()
    if request.method == "GET":
        return page(request, "imaging/upload.html", lines=[])
    files = request.FILES.getlist("files")[:MOST_FILES]
    lines = [line for file in files for line in _lines(request, file)]
    taken = sum(line.tone == "ok" for line in lines)
    return page(request, "imaging/upload.html", lines=lines, taken=taken, refused=len(lines) - taken, none=not files)


def _lines(request: Request, file: object) -> list[Line]:
    lines: list[Line] = []
    try:
        lines.extend(_line(request, piece) for piece in pieces_of(file))
    except InvalidInput as error:
        lines.append(Line(shown(getattr(file, "name", "")), _("已拒绝"), str(error.message), "critical"))
    return lines


def _line(request: Request, piece: Piece) -> Line:
    """Take in one piece. A refusal is its own line; the others go on."""
    source = Source(way=Way.UPLOAD, facility_id=request.actor.place or 0)
    try:
        if piece.error is not None:
            raise piece.error
        taken = actions.take_in_instance(content=piece.content, source=source, by=request.actor, at=clock.now())
    except DomainError as error:
        return Line(piece.name, _("已拒绝"), str(error.message), "critical")
    words = {
        Outcome.STORED: (_("已接收"), "ok"),
        Outcome.REPEATED: (_("已有，未重复保存"), "ok"),
        Outcome.CONFLICT: (_("标识冲突，已另行留存"), "warning"),
    }
    label, tone = words[taken.outcome]
    return Line(piece.name, label, str(taken.study.get_status_display()), tone)
