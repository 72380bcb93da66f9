"""The agreement on paper."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from xinglin.contracts import queries, secrecy
from xinglin.contracts.models import Agreement
from xinglin.contracts.rules import packages, settled
from xinglin.contracts.rules.groups import group_titles
from xinglin.contracts.states import Status
from xinglin.platform import files
from xinglin.platform.actors import Actor
from xinglin.residents import api as residents
from xinglin.web import documents
from xinglin.web.formats import age_text, listed_text

TEMPLATE = "contracts/agreement.typ"


def agreement_pdf(agreement: Agreement, reader: Actor, *, at: datetime) -> bytes:
    """The agreement as PDF, in the language of the county's records; with the signature if one was drawn. The caller has
    seen that the actor may, and written the look down. A reader who may not know of a key group reads neither it nor what
    its package promises.
    """
    images = {"qr.svg": documents.qr_svg(agreement.number)}
    if agreement.consent is not None and agreement.consent.signature is not None:
        with files.open_file(agreement.consent.signature) as file:
            images["signature.png"] = file.read()
    data = words_of(agreement, reader, at=at) | {"signed": "signature.png" in images}
    return documents.render(documents.source_of(TEMPLATE), data, images=images)


def words_of(agreement: Agreement, reader: Actor, *, at: datetime) -> dict[str, Any]:
    """What the sheet says to a reader."""
    with override(settings.LANGUAGE_CODE):
        return _data(agreement, secrecy.hidden_of(agreement, reader), at)


def _data(agreement: Agreement, hidden: frozenset[str], at: datetime) -> dict[str, Any]:
    resident, team, consent = agreement.resident, agreement.team, agreement.consent
    titles = group_titles() | dict.fromkeys(hidden, _("重点管理"))
    bearers = {"insurance": _("医保基金"), "public-health": _("基本公卫经费"), "self": _("个人")}
    return {
        "language": "zh",
        "title": _("家庭医生签约服务协议"),
        "number": agreement.number,
        "printed": _("打印时间 %(at)s") % {"at": f"{timezone.localtime(at):%Y-%m-%d %H:%M}"},
        "draft": _("待签署") if agreement.status == Status.DRAFT else "",
        "team": [
            [_("甲方（团队）"), team.name], [_("机构"), str(team.facility)], [_("联系电话"), queries.phone_of(team) or "—"],
            [_("服务地点"), str(agreement.facility)],
        ],
        "members": [
            [each.name, settled.profession_title(each.profession), _("队长") if each.is_leader else ""]
            for each in team.members.filter(until__isnull=True)
        ],
        "person": [
            [_("乙方（居民）"), resident.name], [_("性别"), str(resident.get_sex_display())],
            [_("年龄"), age_text(resident.born_on, agreement.starts_on)], [_("健康档案号"), resident.number],
        ],
        "term": [
            [_("服务期"), f"{agreement.starts_on} — {agreement.ends_on}"],
            [_("重点人群"), listed_text(dict.fromkeys(titles.get(each, each) for each in agreement.groups)) or "—"],
        ],
        "packages": _packages(agreement, secrecy.hidden_packages(hidden)),
        "fees": [[label, f"{agreement.fees.get(who, 0) / 100:.2f}"] for who, label in bearers.items()],
        "fee_title": _("年服务费（元）由谁承担"),
        "headings": [_("服务项目"), _("每年次数")],
        "clauses": settled.clauses(),
        "signer": residents.signer_said(consent) if consent else "",
        "signed_on": f"{timezone.localtime(agreement.signed_at):%Y-%m-%d}" if agreement.signed_at else "",
        "signed_by": agreement.signed_by_name,
        "words": [_("甲方签字"), _("乙方签字"), _("日期"), _("已向居民说明服务内容、费用和解约办法。")],
        "on_paper": consent.explained if consent is not None and not consent.signature_id else "",
    }  # fmt: skip


def _packages(agreement: Agreement, secret: frozenset[str]) -> list[dict[str, Any]]:
    slugs = [each.partition("@")[0] for each in agreement.packages]
    known = packages.on_file()
    found = [known[slug] for slug in slugs if slug in known]
    told = [
        {"title": each.title, "promise": each.promise, "items": [[item.title, str(item.times)] for item in each.items]}
        for each in found if each.slug not in secret
    ]  # fmt: skip
    if len(told) < len(found):
        told.append({"title": _("重点管理"), "promise": _("内容只向有权人员和本人显示"), "items": []})
    return told


__all__ = ["agreement_pdf"]
