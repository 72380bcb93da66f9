"""How well an examination was taken: judged when it is read, and in a sample."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics import permissions
from xinglin.diagnostics.actions.rows import locked_request
from xinglin.diagnostics.actions.texts import clean
from xinglin.diagnostics.events import Event
from xinglin.diagnostics.models import QualityMark, Request
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted
from xinglin.platform.outbox import announce


@transaction.atomic
def mark_quality(
    *,
    request: Request,
    stage: str,
    grade: str,
    agrees: bool | None = None,
    remark: str = "",
    by: Actor,
    at: datetime,
) -> QualityMark:
    """Judge how an examination was taken; in a sample, also whether the report is agreed with. Once for each stage.

    :raises NotPermitted: not a reader of the centre; or the sample is of one's own report
    :raises Conflict: it was judged already, or (in a sample) there is no report
    :raises InvalidInput: no such grade, or in a sample no word on agreement
    """
    request = locked_request(request)
    permissions.may_mark_quality(by, request).require()
    if grade not in QualityMark.Grade.values or stage not in QualityMark.Stage.values:
        raise InvalidInput(_("请选择图像等级。"), fields={"grade": _("请选择。")})
    if request.quality_marks.filter(stage=stage).exists():
        raise Conflict(_("已经评价过。"), code="already-marked")
    if stage == QualityMark.Stage.SAMPLE:
        _check_sample(request, agrees, by)
    mark = QualityMark.objects.create(
        request=request, stage=stage, grade=grade, agrees=agrees, remark=clean(remark, "remark", most=200),
        marked_at=at, marked_by=by.user_id or 0, marked_by_name=by.name[:40],
    )  # fmt: skip
    announce(
        Event.QUALITY_MARKED, obj=request, subject=request.resident.uuid, by=by, at=at, stage=stage, grade=grade,
        place=request.centre.facility_id,
    )  # fmt: skip
    return mark


def _check_sample(request: Request, agrees: bool | None, by: Actor) -> None:
    report = request.reports.order_by("-version").first()
    if report is None:
        raise Conflict(_("还没有报告。"), code="no-report")
    if by.user_id is not None and report.author_id == by.user_id:
        raise NotPermitted(_("不能抽查自己的报告。"), code="own-report")
    if agrees is None:
        raise InvalidInput(_("请说明是否同意原报告。"), fields={"agrees": _("请选择。")})
