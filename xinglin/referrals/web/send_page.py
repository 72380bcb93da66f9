"""What the forms of the sender show: filled in from the visit, so that an emergency needs a signature and one tap."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import QueryDict
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
from xinglin.web.answers import fields_of, message_of
from xinglin.web.formats import listed_text, parted_text

FEW = 6
NOTHING_TYPED = QueryDict()
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Slip:
    """In what the three forms differ: whose slip it is, where it goes, and what it says before anybody types."""

    kind: str  # "send", "complete", "return"
    title: str
    resident: Any
    sender_id: int
    channel: str
    direction: str
    target: str
    criteria: list[criteria.Criterion]
    chosen: list[str]
    attachments: list[dict[str, Any]]
    attached: list[str]
    values: dict[str, str]
    back_url: str
    action_url: str
    banner: str = ""
    suggested: Sequence[str] = ()
    department: str = ""
    prefer: tuple[int | None, ...] = ()
    asks_consent: bool = False
    others: Sequence[dict[str, str]] = ()


@dataclass(frozen=True, slots=True)
class SendPage:
    """A slip to fill in: a new one, one to complete, or a way back."""

    kind: str  # "send", "complete", "return"
    title: str
    person: residents.PersonBanner
    back_url: str
    action_url: str
    banner: str
    suggested: Sequence[str]
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
    others: Sequence[dict[str, str]]
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
    given: QueryDict = NOTHING_TYPED, also: Sequence[str] = (),
) -> SendPage:  # fmt: skip
    """A new referral from a visit; what was `given` before wins over what the visit suggests.

    `also`: slugs of criteria that another page found met.
    """
    resident, sender = visit.resident, network.facility_by_id(actor.place or visit.facility_id)
    found = criteria.criteria_for(direction="UP", tier=sender.tier, facts=facts_of(visit, at))
    met = [each for each in found if each.is_met or each.slug in also]
    chosen = channel or given.get("channel", "") or criteria.suggested_channel(found) or "ordinary"
    values = _values_from_visit(visit, met) | {name: given.get(name, "") for name in _SLIP if name in given}
    values |= {"signer_name": given.get("signer_name", "") or resident.name}
    attachments = _offers(actor, visit, at)
    slip = _Slip(
        kind="send", title=_("转诊"), resident=resident, sender_id=sender.id, channel=chosen,
        direction=catalogue.channel(chosen).direction, target=target or given.get("to_facility", ""), criteria=found,
        chosen=given.getlist("criteria") if given else [each.slug for each in met], attachments=attachments,
        attached=given.getlist("attachments") if given else [each["value"] for each in attachments], values=values,
        back_url=reverse("visits:detail", args=[visit.uuid]), action_url=reverse("referrals:send", args=[visit.uuid]),
        suggested=[each.text for each in met if each.is_emergency], asks_consent=True, others=_others(actor, visit.pk),
    )  # fmt: skip
    return _page(actor, slip, given, error)


def complete_page(
    actor: Actor,
    referral: Referral,
    *,
    at: datetime,
    error: DomainError | None = None,
    given: QueryDict = NOTHING_TYPED,
) -> SendPage:
    """The same form for a draft, or for what came back for completion."""
    sender = network.facility_by_id(referral.from_facility_id)
    facts = facts_of(referral.visit, at) if referral.visit else {}
    found = criteria.criteria_for(direction=referral.direction, tier=sender.tier, facts=facts)
    values = {name: given.get(name, getattr(referral, name)) for name in _SLIP}
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
    slip = _Slip(
        kind="complete", title=_("补充转诊资料"), resident=referral.resident, sender_id=sender.id,
        channel=referral.channel, direction=referral.direction, target=str(referral.to_facility.uuid), criteria=found,
        chosen=given.getlist("criteria") if given else [each.split("@")[0] for each in referral.criteria],
        attachments=attachments, attached=noted, values=values, banner=banner,
        department=referral.to_department.code if referral.to_department else "",
        back_url=reverse("referrals:detail", args=[referral.uuid]),
        action_url=reverse("referrals:complete", args=[referral.uuid]),
        asks_consent=referral.consent_id is None and not (referral.direction == "DOWN" and referral.origin_id),
        others=_others(actor, referral.visit_id, but=referral.pk) if referral.status == "DRAFT" else (),
    )  # fmt: skip
    return _page(actor, slip, given, error)


def return_page(
    actor: Actor, referral: Referral, *, at: datetime, target: str = "", error: DomainError | None = None,
    given: QueryDict = NOTHING_TYPED,
) -> SendPage:  # fmt: skip
    """The way back of a discharged patient: only units able to take him back, the nearest to his home first."""
    sender = network.facility_by_id(referral.to_facility_id)
    found = criteria.criteria_for(direction="DOWN", tier=sender.tier, facts={})
    values = {
        "impression": referral.discharge_diagnosis, "impression_code": "",
        "reason_code": "rehabilitation", "reason": "", "summary": "", "past_history": referral.past_history,
        "treatment": "", "plan": "", "results": referral.results, "followup_days": "14",
    }  # fmt: skip
    values |= {name: given.get(name, "") for name in (*_SLIP, "followup_days") if name in given}
    home = network.manager_of(referral.from_facility_id)
    offers = _offers(actor, referral.visit, at, of=referral)
    slip = _Slip(
        kind="return", title=_("开具下转单"), resident=referral.resident, sender_id=sender.id, channel="down",
        direction="DOWN", target=target or given.get("to_facility", ""), prefer=(home, referral.from_facility_id),
        criteria=found, chosen=given.getlist("criteria"), attachments=offers,
        attached=given.getlist("attachments") if given else [each["value"] for each in offers if each["is_abnormal"]],
        values=values, back_url=reverse("referrals:detail", args=[referral.uuid]),
        action_url=reverse("referrals:return", args=[referral.uuid]),
    )  # fmt: skip
    return _page(actor, slip, given, error)


def _page(actor: Actor, slip: _Slip, given: QueryDict, error: DomainError | None) -> SendPage:
    able = _able(slip)
    first = str(able[0].uuid) if able else ""
    target = slip.target if slip.target in {str(each.uuid) for each in able} else first
    is_down, channel = slip.direction == "DOWN", catalogue.channel(slip.channel)
    departments = departments_for(target, slip.direction)
    return SendPage(
        kind=slip.kind,
        title=slip.title,
        person=residents.person_of(slip.resident, actor),
        back_url=slip.back_url,
        action_url=slip.action_url,
        banner=slip.banner,
        suggested=slip.suggested,
        channel=slip.channel,
        channels=_channels() if slip.kind == "send" else [],
        targets=network.choices(able),
        target=target,
        departments=departments,
        department=slip.department or (departments[0][0] if departments and is_down else ""),
        reasons=catalogue.reasons("down" if is_down else "up"),
        criteria=slip.criteria,
        chosen=slip.chosen,
        attachments=slip.attachments,
        attached=slip.attached,
        values=slip.values,
        days=FOLLOWUP_DAYS,
        may_waive=channel.consent_may_be_waived,
        asks_consent=slip.asks_consent,
        relations=residents.signer_relations(),
        grounds=[_("患者意识不清，家属未到"), _("病情危急，先行转运")],
        answers=_answers(channel.consent_may_be_waived),
        others=slip.others,
        **_said(given, error),
        is_down=is_down,
    )


def _said(given: QueryDict, error: DomainError | None) -> dict[str, Any]:
    """What was answered of the consent and of the other referral, to be shown again, and what is wrong."""
    return {
        "error": message_of(error),
        "fields": fields_of(error),
        "consent": given.get("consent", "") or "agreed",
        "relation": given.get("signer_relation", ""),
        "ground": given.get("consent_waived", ""),
        "knows_others": given.get("acknowledged_open") == "on",
    }


def _able(slip: _Slip) -> list[network.FacilityChoice]:
    """Units that may receive, the likeliest first: in an emergency the lead hospital, not the next step up."""
    able, prefer = network.receiving_facilities(from_facility_id=slip.sender_id, direction=slip.direction), slip.prefer
    if catalogue.channel(slip.channel).is_emergency:
        able = sorted(able, key=lambda each: each.tier != "COUNTY")
        prefer = (network.lead_hospital_of(slip.sender_id), *prefer)
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
