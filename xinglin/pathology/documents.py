"""Print: the report with its pictures, and labels for containers, blocks and slides."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from xinglin.diagnostics import api as diagnostics
from xinglin.pathology import catalogue, queries
from xinglin.pathology.events import Look
from xinglin.pathology.models import PathologyCase, Picture, Sections
from xinglin.pathology.pictures import shrunk
from xinglin.platform import audit, files
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.language import language_code
from xinglin.web import documents
from xinglin.web.formats import age_text

PRINTED_SIDE = 900
#: Kinds of labels and what each is for.
LABELS = ("parts", "blocks", "slides")


def report_pdf(actor: Actor, uuid: UUID, *, at: datetime) -> tuple[PathologyCase, bytes]:
    """The report that stands, with its supplements, as PDF. A look at the person.

    :raises NotVisible: out of the actor's scope
    :raises Conflict: there is no report yet
    """
    case = queries.visible_case(actor, uuid)
    versions = queries.sections_of(case)
    by_report = {each.report_id: each for each in versions}
    report, added = diagnostics.standing([each.report for each in reversed(versions)])
    if report is None:
        raise Conflict(_("还没有报告，不能打印。"), code="no-report")
    subject = case.request.resident.uuid
    audit.look(Look.REPORT, by=actor, at=at, subject=subject, kind="pathology.case", key=str(uuid))
    shown = [by_report[each.pk] for each in (report, *added)]
    pictures = _pictures(case, shown)
    images = {f"picture-{n}.jpg": content for n, (content, _caption) in enumerate(pictures)}
    data = {
        **_data(case, shown),
        "pictures": [[f"picture-{n}.jpg", caption] for n, (_content, caption) in enumerate(pictures)],
    }
    return case, documents.render(documents.source_of("pathology/report.typ"), data, images=images)


def _pictures(case: PathologyCase, shown: Sequence[Sections]) -> list[tuple[bytes, str]]:
    wanted = [uuid for each in shown for uuid in each.pictures]
    rows = {str(each.uuid): each for each in Picture.objects.select_related("file").filter(case=case, uuid__in=wanted)}
    found = []
    for uuid in dict.fromkeys(wanted):
        picture = rows[uuid]
        content = shrunk(files.path_of(picture.file.sha256), picture.format, side=PRINTED_SIDE)
        found.append((content, picture.caption or str(picture.get_view_display())))
    return found


def _data(case: PathologyCase, shown: Sequence[Sections]) -> dict[str, Any]:
    main = shown[0].report
    frozen = getattr(case, "frozen", None)
    standing = case.request.critical_values.exclude(status="SUPERSEDED")
    return {
        "language": language_code(),
        "title": _("病理诊断报告"),
        "centre": case.centre.name,
        "stage": str(main.get_stage_display()),
        "number": [_("病理号"), case.number],
        "facts": _facts(case),
        "parts": _parts(case),
        "part_heads": [
            _("标本"), _("部位"), _("种类"), _("块数"), _("固定液"), _("离体到固定"), _("固定时间"),
        ],
        "versions": [_version(each) for each in shown],
        "frozen": [_("术中冰冻结果（石蜡报告为准）"), frozen.answer] if frozen and frozen.answer else [],
        "criticals": [
            _("危急值：%(text)s") % {"text": diagnostics.critical_text(case.request.kind, each.code, each.text)}
            for each in standing
        ],
        "note": _("初步报告仅供参考，以正式报告为准。")
        if main.stage == "PRELIMINARY"
        else _("本报告仅对送检标本负责，请结合临床。"),
    }  # fmt: skip


def _version(sections: Sections) -> dict[str, Any]:
    """One version of the report, its parts in order; headings only where something is said."""
    report = sections.report
    rows = [
        (_("肉眼所见"), sections.gross),
        (_("镜下所见"), sections.microscopic),
        (_("特殊染色与免疫组化"), sections.special),
    ]
    choices = [_("：").join(catalogue.choice_words(each)) for each in sections.choices]
    diagnosis = "\n".join(line for line in (sections.diagnosis, *choices) if line)
    return {
        "stage": str(report.get_stage_display()),
        "reason": [_("更正原因"), report.amend_reason] if report.amend_reason else [],
        "rows": [[label, value] for label, value in rows if value],
        "diagnosis": [_("病理学诊断"), diagnosis],
        "comment": [_("备注"), sections.comment] if sections.comment else [],
        "signed": [[_("诊断医师"), report.author_name], [_("签发时间"), _moment(report.signed_at)]],
    }


def _facts(case: PathologyCase) -> list[list[str]]:
    request, resident = case.request, case.request.resident
    return [
        [_("姓名"), resident.name],
        [_("性别"), str(resident.get_sex_display())],
        [_("年龄"), age_text(resident.born_on, timezone.localdate(request.requested_at))],
        [_("健康档案号"), resident.number],
        [_("送检单位"), str(request.from_facility)],
        [_("送检医生"), request.requested_by_name],
        [_("送检时间"), _moment(case.submitted_at)],
        [_("核收时间"), _moment(case.received_at) if case.received_at else "—"],
    ]


def _parts(case: PathologyCase) -> list[list[str]]:
    return [
        [
            part.letter, part.site, catalogue.title_in(catalogue.specimen_kinds(), part.kind), str(part.n_pieces),
            catalogue.title_in(catalogue.fixatives(), part.fixative), minutes_text(part.ischemia_minutes),
            minutes_text(part.fixation_minutes(case.grossed_at)),
        ]
        for part in case.parts.order_by("letter")
    ]  # fmt: skip


def minutes_text(minutes: int | None) -> str:
    """A span in hours and minutes; ``not measured`` when one of its moments is missing."""
    if minutes is None:
        return _("未测")
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("%(n)d分钟") % {"n": rest}
    return _("%(h)d小时%(n)d分钟") % {"h": hours, "n": rest}


def _moment(value: datetime) -> str:
    return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"


# Labels --------------------------------------------------------------------------------------------------------------
def labels_pdf(actor: Actor, uuid: UUID, what: str, codes: Sequence[str], *, at: datetime) -> tuple[str, bytes]:
    """Labels of a case, one a page of 25 × 25 mm, each with its code as a QR code and in letters. A look at the person.

    `what` is ``parts``, ``blocks`` or ``slides``; `codes` chooses among them, empty means all.

    :raises NotVisible: out of the actor's scope
    :raises InvalidInput: there is no such label
    """
    case = queries.visible_case(actor, uuid)
    labels = _labels(case, what, set(codes))
    if not labels:
        raise InvalidInput(_("没有可打印的标签。"), fields={"codes": _("请选择。")})
    subject = case.request.resident.uuid
    audit.look(Look.LABELS, by=actor, at=at, subject=subject, kind="pathology.case", key=str(uuid), labels=len(labels))
    images = {f"code-{n}.svg": documents.qr_svg(label["code"]) for n, label in enumerate(labels)}
    data = {"language": "zh", "labels": [{**each, "image": f"code-{n}.svg"} for n, each in enumerate(labels)]}
    name = f"{case.number or case.request.number}-{what}"
    return name, documents.render(documents.source_of("pathology/labels.typ"), data, images=images)


def _labels(case: PathologyCase, what: str, chosen: set[str]) -> list[dict[str, str]]:
    """Code, the line for the eye, and what else stands on it. The name is only on containers: slides travel far."""
    number = case.number or case.request.number
    if what == "parts":
        name = case.request.resident.name
        found = [
            (f"{number}-{part.letter}", part.letter, f"{name} {part.site}") for part in case.parts.order_by("letter")
        ]
    elif what == "blocks":
        found = [(each.code, each.label, each.note) for each in queries.blocks_of(case)]
    else:
        slides = case.slides.order_by("code")
        found = [(each.code, each.label, catalogue.stain_title(each.stain)) for each in slides]
    return [
        {"code": code, "number": number, "label": label, "text": text}
        for code, label, text in found
        if not chosen or code in chosen
    ]
