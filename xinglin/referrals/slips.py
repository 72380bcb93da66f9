"""Referral slips on paper (rules 1.4): the slip the patient carries, and the stub the sender keeps.

The QR code holds the referral's number and the path of its page; who scans it must sign in. No personal data.
"""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.platform import audit, files
from xinglin.platform.actors import Actor
from xinglin.platform.language import language_code
from xinglin.referrals import attached, catalogue, criteria
from xinglin.referrals.data import ON_PAPER
from xinglin.referrals.events import Event
from xinglin.referrals.models import Referral
from xinglin.referrals.states import FINAL, Status
from xinglin.residents import api as residents
from xinglin.web import documents
from xinglin.web.formats import age_text, listed_text, parted_text

TEMPLATE = "referrals/slip.typ"


def slip_pdf(referral: Referral, *, actor: Actor, at: datetime) -> bytes:
    """The slip with its stub as PDF, recorded as a look at the person. The caller has seen the referral."""
    audit.look(
        Event.SLIP_PRINTED, by=actor, at=at, subject=referral.resident.uuid, kind="referrals.referral",
        key=str(referral.uuid), number=referral.number,
    )  # fmt: skip
    images = {"qr.svg": documents.qr_svg(qr_text(referral))}
    signature = referral.consent.signature if referral.consent else None
    if signature is not None:
        with files.open_file(signature) as file:
            images["signature.png"] = file.read()
    data = slip_data(referral, actor=actor, at=at)
    data["signed"] = signature is not None
    return documents.render(documents.source_of(TEMPLATE), data, images=images)


def qr_text(referral: Referral) -> str:
    """What the QR code says: number and path, nothing about the person."""
    return f"{referral.number} {reverse('referrals:detail', args=[referral.uuid])}"


def slip_data(referral: Referral, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """All words of the slip. Identity and telephone are covered unless the reader may see them."""
    down = referral.direction == Referral.Direction.DOWN
    listed = [_("附件"), "\n".join(_attached(each) for each in attached.attachments_of(actor, referral))]
    return {
        "language": language_code(),
        "title": _("双向转诊回转单") if down else _("双向转诊转出单"),
        "consent_title": _("转诊知情同意书"),
        "stub_title": _("存根（转出机构留存）"),
        "number": referral.number,
        "banner": _banner(referral),
        "void": _("不作为就诊凭证") if referral.status in FINAL else "",
        "route": [
            [_("转出机构"), referral.from_facility.name],
            [_("转入机构"), referral.to_facility.name],
            *([[_("转入科室"), referral.to_department.name]] if referral.to_department else []),
            [_("转诊通道"), catalogue.channel_title(referral.channel)],
        ],
        "person": _person(referral, actor, at),
        "body": [row for row in [*(_down_body(referral) if down else _up_body(referral)), listed] if row[1]],
        "consent": _consent(referral),
        "stub": _stub(referral),
        "sign_here": _("签字：________________"),
        "signed_line": [
            [_("转诊医生"), referral.sent_by_name],
            [_("联系电话"), referral.from_facility.phone],
            [_("转出时间"), _moment(referral.sent_at)],
            [_("机构盖章"), ""],
        ],
        "printed": _("打印 %(name)s %(at)s") % {"name": actor.name, "at": _moment(at)},
        "qr_note": _("扫码后登录查看"),
    }


def _banner(referral: Referral) -> str:
    if catalogue.channel(referral.channel).is_emergency:
        return _("急诊绿色通道") + ("" if referral.consent_id else " · " + _("先救治，后补签"))
    return ""


def _person(referral: Referral, actor: Actor, at: datetime) -> list[list[str]]:
    person = residents.person_of(referral.resident, actor)
    resident = referral.resident
    phone = person.phone_masked if referral.contact_phone_given or actor.may(Permission.RESIDENT_REVEAL) else ""
    allergies = (
        listed_text(person.allergies)
        if person.allergies
        else _("无已知过敏")
        if person.allergies == ()
        else _("未询问")
    )
    return [
        [_("姓名"), person.name],
        [_("性别"), person.sex],
        [_("年龄"), age_text(person.born_on, timezone.localdate(at))],
        [_("档案号"), person.number],
        [_("证件号"), person.identity_masked],
        [_("医保"), str(resident.get_insurance_display())],
        [_("电话"), phone],
        [_("住址"), resident.address],
        [_("过敏史"), allergies],
    ]


def _up_body(referral: Referral) -> list[list[str]]:
    return [
        [_("初步印象"), " ".join(part for part in (referral.impression, referral.impression_code) if part)],
        [_("转诊原因"), _reason("up", referral)],
        [_("转诊指征"), parted_text(criteria.criterion_texts(referral.criteria))],
        [_("现病史与转诊理由"), referral.summary],
        [_("既往史"), referral.past_history],
        [_("已作治疗"), referral.treatment],
        [_("答复"), _answer(referral)],
    ]


def _down_body(referral: Referral) -> list[list[str]]:
    days = followup_words(referral.followup_days)
    return [
        [_("诊断"), " ".join(part for part in (referral.impression, referral.impression_code) if part)],
        [_("下转原因"), _reason("down", referral)],
        [_("下转指征"), parted_text(criteria.criterion_texts(referral.criteria))],
        [_("主要检查结果"), referral.results],
        [_("住院经过"), referral.summary],
        [_("既往史"), referral.past_history],
        [_("治疗与用药"), referral.treatment],
        [_("下一步治疗与康复计划"), referral.plan],
        [_("随访安排"), days],
    ]


def followup_words(days: int | None) -> str:
    """When the first follow-up is to be."""
    if days is None:
        return ""
    return _("%(days)d天后首次随访") % {"days": days} if days else _("当天首次随访")


def _reason(kind: str, referral: Referral) -> str:
    words = catalogue.reason_text(kind, referral.reason_code)
    return f"{words}：{referral.reason}" if referral.reason else words


def _answer(referral: Referral) -> str:
    if referral.answered_at is None or referral.status == Status.REJECTED:
        return ""
    hold = " ".join(part for part in (str(referral.get_hold_kind_display()), referral.hold_text) if part)
    until = _("保留至 %(at)s") % {"at": _moment(referral.hold_until)} if referral.hold_until else ""
    return _("，").join(part for part in (_("已接收"), hold, until) if part)


def _consent(referral: Referral) -> dict[str, Any]:
    consent = referral.consent
    if consent is None:
        return {"waived": referral.consent_waived, "rows": [], "text": "", "unsigned": ""}
    return {
        "waived": "",
        "text": _("医生已向我说明转诊的原因、去向、途中可能的风险和可供选择的办法。我的意见：%(answer)s。")
        % {"answer": _("同意转诊") if consent.agreed else _("不同意转诊")},
        "rows": [
            [_("签署人"), consent.signer_name],
            [_("与患者关系"), consent.signer_relation],
            [_("说明医生"), consent.explained_by_name],
            [_("签署时间"), _moment(consent.given_at)],
        ],
        "unsigned": unsigned_words(consent),
    }


def unsigned_words(consent: Any) -> str:
    """Where the signature is that the system has not; empty when it has it."""
    if consent.signature_id is not None:
        return ""
    if not consent.explained.startswith(ON_PAPER):
        return _("系统内没有签名")
    kept_there = consent.explained.startswith(f"{ON_PAPER}转入机构")
    return _("纸质签署，原件留存转入机构") if kept_there else _("纸质签署，原件留存转出机构")


def _attached(each: attached.Attached) -> str:
    return _("，").join(part for part in (each.title, _moment(each.at), each.text) if part)


def _stub(referral: Referral) -> list[list[str]]:
    return [
        [_("编号"), referral.number],
        [_("姓名"), referral.resident.name],
        [_("转入机构"), referral.to_facility.name],
        [_("下转诊断") if referral.direction == Referral.Direction.DOWN else _("初步印象"), referral.impression],
        [_("转诊医生"), referral.sent_by_name],
        [_("转出时间"), _moment(referral.sent_at)],
    ]


def _moment(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""
