"""What the forms of the sender show: filled in from the visit, so that an emergency needs a signature and one tap."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.diagnostics import api as diagnostics
from xinglin.network import api as network
from xinglin.platform.actors import Actor
from xinglin.platform.errors import DomainError
from xinglin.referrals import attached, catalogue, criteria, queries
from xinglin.referrals.models import Referral
from xinglin.referrals.web.steps import status_view
from xinglin.residents import api as residents
from xinglin.visits import api as visits
from xinglin.web.formats import listed_text, parted_text

FEW = 6
FOLLOWUP_DAYS = [("3", "3"), ("7", "7"), ("14", "14"), ("28", "28")]
_SLIP = (
    "impression",
    "impression_code",
    "reason_code",
    "reason",
    "summary",
    "past_history",
    "treatment",
    "plan",
    "results",
)


@dataclass(frozen=True, slots=True)
class SendPage:
    """A slip to fill in: a new one, one to complete, or a way back."""

    kind: str  # "send", "complete", "return"
    title: str
    person: residents.PersonBanner
    back_url: str
    action_url: str
    here_url: str
    banner: str
    suggested: list[str]
    channels: list[tuple[str, str]]
    channel: str
    targets: list[tuple[str, str]]
    target: str
    departments: list[tuple[str, str]]
    department: str
    reasons: list[tuple[str, str]]
    criteria: list[criteria.Criterion]
    chosen: list[str]
    attachments: list[dict[str, Any]]
    attached: list[str]
    values: dict[str, str]
    days: list[tuple[str, str]]
    may_waive: bool
    asks_consent: bool
    relations: list[tuple[str, str]]
    grounds: list[str]
    answers: list[tuple[str, str]]
    consent: str
    relation: str
    ground: str
    others: list[dict[str, str]]
    knows_others: bool
    error: str
    fields: Mapping[str, object]
    is_down: bool

    @property
    def target_name(self) -> str:
        """How the target chosen is called."""
        return dict(self.targets).get(self.target, "")

    @property
    def few_targets(self) -> bool:
        """Whether the targets fit on buttons."""
        return len(self.targets) <= FEW


def _answers(may_waive: bool) -> list[tuple[str, str]]:
    later = [("later", _("先救治，后补签"))] if may_waive else []
    return [("agreed", _("同意，签字")), ("paper", _("已在纸上签字")), *later, ("refused", _("不同意转诊"))]


def send_page(
    actor: Actor, visit: Any, *, at: datetime, channel: str = "", target: str = "", error: DomainError | None = None,
    given: Mapping[str, Any] | None = None, also: Sequence[str] = (),
) -> SendPage:  # fmt: skip
    """A new referral from a visit; what was `given` before wins over what the visit suggests.

    `also`: slugs of criteria that another page found met.
    """
    resident, sender = visit.resident, network.facility_by_id(actor.place or visit.facility_id)
    found = criteria.criteria_for(direction="UP", tier=sender.tier, facts=facts_of(visit, at))
    met = [each for each in found if each.is_met or each.slug in also]
    chosen = channel or _given(given, "channel") or criteria.suggested_channel(found) or "ordinary"
    values = _values_from_visit(visit, met) | {name: given[name] for name in _SLIP if given and name in given}
    values |= {"signer_name": _given(given, "signer_name") or resident.name}
    attachments = _offers(actor, visit, at)
    return _page(
        kind="send",
        title=_("转诊"),
        actor=actor,
        resident=resident,
        sender_id=sender.id,
        channel=chosen,
        direction=catalogue.channel(chosen).direction,
        target=target or _given(given, "to_facility"),
        found=found,
        chosen=_list(given, "criteria") if given else [each.slug for each in met],
        attachments=attachments,
        attached=_list(given, "attachments") if given else [each["value"] for each in attachments],
        values=values,
        error=error,
        back_url=reverse("visits:detail", args=[visit.uuid]),
        action_url=reverse("referrals:send", args=[visit.uuid]),
        suggested=[each.text for each in met if each.is_emergency],
        asks_consent=True,
        given=given,
        others=_others(actor, visit.pk),
    )


def complete_page(
    actor: Actor,
    referral: Referral,
    *,
    at: datetime,
    error: DomainError | None = None,
    given: Mapping[str, Any] | None = None,
) -> SendPage:
    """The same form for a draft, or for what came back for completion."""
    sender = network.facility_by_id(referral.from_facility_id)
    facts = facts_of(referral.visit, at) if referral.visit else {}
    found = criteria.criteria_for(direction=referral.direction, tier=sender.tier, facts=facts)
    values = {name: getattr(referral, name) for name in _SLIP} | {
        name: given[name] for name in _SLIP if given and name in given
    }
    values |= {
        "signer_name": referral.resident.name,
        "followup_days": "" if referral.followup_days is None else str(referral.followup_days),
    }
    latest = referral.status_changes.order_by("-changed_at", "-id").first()
    banner = ""
    if latest is not None and latest.became == "SENT_BACK":
        banner = "：".join(part for part in (catalogue.any_reason_text(latest.reason_code), latest.reason) if part)
    attachments = _offers(actor, referral.visit, at) if referral.visit else []
    noted = [f"{each['kind']}:{each['uuid']}" for each in referral.attachments]
    return _page(
        kind="complete", title=_("补充转诊资料"), actor=actor, resident=referral.resident, sender_id=sender.id,
        channel=referral.channel, direction=referral.direction, target=str(referral.to_facility.uuid), found=found,
        chosen=_list(given, "criteria") if given else [each.split("@")[0] for each in referral.criteria],
        attachments=attachments, attached=noted, values=values, error=error, banner=banner,
        department=referral.to_department.code if referral.to_department else "",
        back_url=reverse("referrals:detail", args=[referral.uuid]),
        action_url=reverse("referrals:complete", args=[referral.uuid]), suggested=[],
        asks_consent=referral.consent_id is None and not (referral.direction == "DOWN" and referral.origin_id),
        given=given, others=_others(actor, referral.visit_id, but=referral.pk) if referral.status == "DRAFT" else [],
    )  # fmt: skip


def return_page(
    actor: Actor, referral: Referral, *, at: datetime, target: str = "", error: DomainError | None = None,
    given: Mapping[str, Any] | None = None,
) -> SendPage:  # fmt: skip
    """The way back of a discharged patient: only units able to take him back, the nearest to his home first."""
    sender = network.facility_by_id(referral.to_facility_id)
    found = criteria.criteria_for(direction="DOWN", tier=sender.tier, facts={})
    values = {
        "impression": referral.discharge_diagnosis, "impression_code": "",
        "reason_code": "rehabilitation", "reason": "", "summary": "", "past_history": referral.past_history,
        "treatment": "", "plan": "", "results": referral.results, "followup_days": "14",
    }  # fmt: skip
    values |= {name: given[name] for name in (*_SLIP, "followup_days") if given and name in given}
    home = network.manager_of(referral.from_facility_id)
    offers = _offers(actor, referral.visit, at, of=referral)
    return _page(
        kind="return",
        title=_("开具下转单"),
        actor=actor,
        resident=referral.resident,
        sender_id=sender.id,
        channel="down",
        direction="DOWN",
        target=target or _given(given, "to_facility"),
        prefer=(home, referral.from_facility_id),
        found=found,
        chosen=_list(given, "criteria"),
        attachments=offers,
        attached=_list(given, "attachments") if given else [each["value"] for each in offers if each["is_abnormal"]],
        values=values,
        error=error,
        back_url=reverse("referrals:detail", args=[referral.uuid]),
        action_url=reverse("referrals:return", args=[referral.uuid]),
        suggested=[],
        asks_consent=False,
        given=given,
    )


def _page(
    *, kind: str, title: str, actor: Actor, resident: Any, sender_id: int, channel: str, direction: str, target: str,
    found: list[criteria.Criterion], chosen: list[str], attachments: list[dict[str, Any]], attached: list[str],
    values: dict[str, str], error: DomainError | None, back_url: str, action_url: str, suggested: list[str],
    asks_consent: bool, given: Mapping[str, Any] | None, banner: str = "", department: str = "",
    prefer: tuple[int | None, ...] = (), others: list[dict[str, str]] | None = None,
) -> SendPage:  # fmt: skip
    able = _able(sender_id, direction=direction, channel=channel, prefer=prefer)
    target = target if target in {str(each.uuid) for each in able} else str(able[0].uuid) if able else ""
    departments = departments_for(target, direction)
    return SendPage(
        kind=kind,
        title=title,
        person=residents.person_of(resident, actor),
        back_url=back_url,
        action_url=action_url,
        here_url=action_url,
        banner=banner,
        suggested=suggested,
        channel=channel,
        channels=_channels() if kind == "send" else [],
        targets=[(str(each.uuid), each.name) for each in able],
        target=target,
        departments=departments,
        department=department or (departments[0][0] if departments and direction == "DOWN" else ""),
        reasons=catalogue.reasons("down" if direction == "DOWN" else "up"),
        criteria=found,
        chosen=chosen,
        attachments=attachments,
        attached=attached,
        values=values,
        days=FOLLOWUP_DAYS,
        may_waive=catalogue.channel(channel).consent_may_be_waived,
        asks_consent=asks_consent,
        relations=residents.signer_relations(),
        grounds=[_("患者意识不清，家属未到"), _("病情危急，先行转运")],
        answers=_answers(catalogue.channel(channel).consent_may_be_waived),
        others=others or [],
        **_said(given, error),
        is_down=direction == "DOWN",
    )


def _said(given: Mapping[str, Any] | None, error: DomainError | None) -> dict[str, Any]:
    """What was answered of the consent and of the other referral, to be shown again, and what is wrong."""
    return {
        "error": str(error.message) if error else "",
        "fields": getattr(error, "fields", {}),
        "consent": _given(given, "consent") or "agreed",
        "relation": _given(given, "signer_relation"),
        "ground": _given(given, "consent_waived"),
        "knows_others": _given(given, "acknowledged_open") == "on",
    }


def _able(
    sender_id: int, *, direction: str, channel: str, prefer: tuple[int | None, ...]
) -> list[network.FacilityChoice]:
    """Units that may receive, the likeliest first: in an emergency the lead hospital, not the next step up."""
    able = network.receiving_facilities(from_facility_id=sender_id, direction=direction)
    if catalogue.channel(channel).is_emergency:
        able = sorted(able, key=lambda each: each.tier != "COUNTY")
        prefer = (network.lead_hospital_of(sender_id), *prefer)
    return sorted(able, key=lambda each: prefer.index(each.id) if each.id in prefer else len(prefer))


def _channels() -> list[tuple[str, str]]:
    return [(each.slug, each.title) for each in catalogue.channels() if each.direction != "DOWN"]


def departments_for(target: str, direction: str) -> list[tuple[str, str]]:
    """Departments of a target (by uuid) as (code, name); for a way back only those that take patients back."""
    if not target:
        return []
    rows = network.departments_of(network.facility_by_uuid(UUID(target)).id)
    return [(each.code, each.name) for each in rows if direction != "DOWN" or each.takes_back]


def facts_of(visit: Any, at: datetime) -> dict[str, Any]:
    """What the criteria look at, from a visit."""
    born, today = visit.resident.born_on, timezone.localdate(at)
    facts = {
        "systolic": visit.systolic, "diastolic": visit.diastolic, "spo2": visit.spo2,
        "age": today.year - born.year - ((today.month, today.day) < (born.month, born.day)),
        "text": "。".join((visit.complaint, visit.history, visit.examination)),
    }  # fmt: skip
    if visit.glucose is not None:
        facts["glucose_fasting" if visit.glucose_when == "FASTING" else "glucose_random"] = float(visit.glucose)
    return {name: value for name, value in facts.items() if value is not None}


def _values_from_visit(visit: Any, met: list[criteria.Criterion]) -> dict[str, str]:
    diagnoses = list(visit.diagnoses.order_by("-is_primary", "id"))
    treatment = [visits.prescription_words(row) for row in visit.prescriptions.all()]
    return {
        "impression": parted_text(each.name for each in diagnoses)[:200] or visit.complaint[:200],
        "impression_code": diagnoses[0].code if diagnoses else "",
        "reason_code": met[0].reason if met else "beyond-capability",
        "reason": "",
        "summary": visits.visit_summary(visit),
        "past_history": listed_text(flag.label for flag in residents.person_of(visit.resident, _NOBODY).flags),
        "treatment": parted_text(treatment),
        "plan": "",
        "results": "",
    }


_NOBODY = Actor(kind="anonymous")


def _offers(actor: Actor, visit: Any, at: datetime, *, of: Referral | None = None) -> list[dict[str, Any]]:
    """What can be attached: the visit, the person's latest reports that the sender sees, and what came with `of`."""
    offers = []
    if visit is not None:
        offers.append({"value": f"visit:{visit.uuid}", "label": _("本次就诊记录"), "is_abnormal": False})
    resident = visit.resident if visit is not None else of.resident if of is not None else None
    if resident is None:
        return offers
    found = diagnostics.summaries_of(actor, residents.ids_of_person(resident), before=at, limit=3)
    if of is not None:
        found += [each for each in attached.requests_of(actor, of) if each.uuid not in {one.uuid for one in found}]
    for each in found:
        words = " · ".join((each.conclusion or each.status_label, *each.critical))
        offers.append({
            "value": f"request:{each.uuid}", "label": _("心电图：%(text)s") % {"text": words},
            "is_abnormal": each.is_abnormal or bool(each.critical),
        })  # fmt: skip
    return offers


def _others(actor: Actor, visit_id: int | None, *, but: int | None = None) -> list[dict[str, str]]:
    """Referrals of the same visit that go on, as links where the actor may go."""
    places = actor.places_where(Permission.REFERRAL_VIEW)
    return [
        {
            "number": each.number, "way": f"{each.from_facility} → {each.to_facility}", "status": status_view(each).label,
            "url": reverse("referrals:detail", args=[each.uuid]) if queries.opens_for(each, places) else "",
        }
        for each in queries.open_of_visit(visit_id, but=but)
    ]  # fmt: skip


def _given(given: Mapping[str, Any] | None, name: str) -> str:
    return str(given.get(name, "")) if given else ""


def _list(given: Mapping[str, Any] | None, name: str) -> list[str]:
    return list(given.getlist(name)) if given else []  # type: ignore[attr-defined]
