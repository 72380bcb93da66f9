"""The opinion on paper: who asked what, what each expert says, every signature, and whose decision it is."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from xinglin.consultations import queries
from xinglin.consultations.events import Look
from xinglin.consultations.models import Case, Expert, Opinion
from xinglin.consultations.packs import title_of
from xinglin.platform import audit, files
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict
from xinglin.platform.language import language_code
from xinglin.web import documents
from xinglin.web.formats import age_text

TEMPLATE = "consultations/opinion.typ"


def decides() -> str:
    """Whose decision treatment is: said on the page and on the print (rules 4)."""
    return _("本意见供邀请单位参考。诊疗方案由邀请单位的经治医师结合患者情况决定并负责。")


def opinion_pdf(case: Case, *, actor: Actor, at: datetime) -> bytes:
    """The standing opinions of a case as PDF; a look at the person. The caller has seen that the actor may.

    :raises Conflict: there is none yet
    """
    standing = queries.standing_opinions(case)
    if not standing:
        raise Conflict(_("还没有完成的会诊意见，不能打印。"), code="no-opinion")
    audit.look(
        Look.OPINION, by=actor, at=at, subject=case.resident.uuid, kind="consultations.case", key=str(case.uuid),
        number=case.number,
    )  # fmt: skip
    images = {"qr.svg": documents.qr_svg(case.number)}
    if case.consent.signature is not None:
        with files.open_file(case.consent.signature) as file:
            images["signature.png"] = file.read()
    data = _data(case, standing, at) | {"signed": "signature.png" in images}
    return documents.render(documents.source_of(TEMPLATE), data, images=images)


def _data(case: Case, standing: list[Opinion], at: datetime) -> dict[str, Any]:
    resident, consent = case.resident, case.consent
    return {
        "colon": _("："), "language": language_code(),
        "title": _("远程会诊意见书"),
        "number": case.number,
        "printed": _("打印时间 %(at)s") % {"at": _moment(at)},
        "route": [
            [_("邀请单位"), f"{case.from_facility} {case.requested_by_name}"],
            [_("会诊中心"), str(case.to_facility)],
            [_("会诊方式"), str(case.get_kind_display())],
            [_("申请时间"), _moment(case.requested_at)],
        ],
        "person": [
            [_("姓名"), resident.name],
            [_("性别"), str(resident.get_sex_display())],
            [_("年龄"), age_text(resident.born_on, timezone.localdate(case.requested_at))],
            [_("健康档案号"), resident.number],
        ],
        "body": [
            [_("会诊理由"), case.reason], [_("会诊目的"), case.aim], [_("病情摘要"), case.summary],
            [_("所示资料"), "\n".join(title_of(each) for each in case.items.filter(removed_at__isnull=True))],
        ],
        "opinions": [_opinion(each) for each in standing],
        "decides": decides(),
        "consent": [_("知情同意"), f"{consent.signer_name}（{consent.signer_relation}） {_moment(consent.given_at)}"],
        "paper": consent.explained if not consent.signature_id else "",
    }  # fmt: skip


def _opinion(opinion: Opinion) -> dict[str, Any]:
    signatures = sorted(opinion.signatures.all(), key=lambda each: each.signed_at or opinion.written_at)
    return {
        "title": _("联合会诊意见") if opinion.is_joint else _("会诊意见"),
        "version": _("第%(n)s版") % {"n": opinion.version},
        "body": [
            [_("分析"), opinion.findings], [_("诊断意见"), opinion.diagnosis], [_("处理建议"), opinion.advice],
        ],
        "amended": _("更正原因：%(reason)s") % {"reason": opinion.amend_reason} if opinion.amend_reason else "",
        "signatures": [
            [each.name, str(Expert.Title(each.title).label), each.unit, _moment(each.signed_at)]
            for each in signatures if each.signed_at
        ],
    }  # fmt: skip


def _moment(value: datetime) -> str:
    return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
