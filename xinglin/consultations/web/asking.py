"""The invitation: filled in from the visit, with the pack to choose and the consent to sign."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from xinglin.accounts.api import signed_in
from xinglin.consultations import actions, catalogue, directory, permissions, slots
from xinglin.consultations.data import Asked, Chosen
from xinglin.consultations.events import Look
from xinglin.consultations.models import Case, Expert, PackItem
from xinglin.consultations.policies import Verb
from xinglin.consultations.web.case_page import expert_words
from xinglin.consultations.web.steps import local_input
from xinglin.diagnostics import api as diagnostics
from xinglin.imaging import api as imaging
from xinglin.network import api as network
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, DomainError, InvalidInput, NotVisible
from xinglin.residents import api as residents
from xinglin.visits import api as visits
from xinglin.web.answers import page, write_once
from xinglin.web.formats import listed_text
from xinglin.web.request import Request

FORM = "consultations/request.html"
_TEXTS = ("reason", "aim", "summary", "specialty", "title_wanted", "wanted_at", "other_time", "note_title", "note")
MOST_OFFERED, MOST_ITEMS = 8, 3
#: What is older is not marked beforehand: who asks shows it only if he chooses it.
SUGGESTED_FOR = timedelta(days=7)


@dataclass(frozen=True)
class AskPage:
    """The form of an invitation."""

    person: residents.PersonBanner
    back_url: str
    action_url: str
    kinds: list[tuple[str, str]]
    kind: str
    centres: list[tuple[str, str]]
    centre: str
    specialties: list[tuple[str, str]]
    titles: list[tuple[str, str]]
    experts: list[tuple[str, str]]
    chosen: list[str]
    slots: list[tuple[str, str]]
    offers: list[tuple[str, str]]
    packed: list[str]
    values: dict[str, str]
    answers: list[tuple[str, str]]
    consent: str
    relations: list[tuple[str, str]]
    relation: str
    error: DomainError | None

    @property
    def fields(self) -> Mapping[str, object]:
        """Reasons by field."""
        return getattr(self.error, "fields", {})

    @property
    def message(self) -> str:
        """What was refused, in a sentence."""
        return str(self.error.message) if self.error else ""

    @property
    def may_waive(self) -> bool:
        """Consent to a consultation is written before it is asked."""
        return False


@dataclass(frozen=True, slots=True)
class Whom:
    """About whom is asked, and from where."""

    resident: Any
    visit: Any
    facility_id: int
    back_url: str
    action_url: str


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def request_from_visit(request: Request, visit: UUID) -> HttpResponse:
    """Ask about somebody just seen."""
    seen = visits.visible_visit(request.actor, visit, at=clock.now())
    whom = Whom(
        seen.resident, seen, request.actor.place or seen.facility_id, reverse("visits:detail", args=[visit]),
        reverse("consultations:request", args=[visit]),
    )  # fmt: skip
    return _asked(request, whom, key=str(visit), kind="visits.visit")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def request_for_resident(request: Request, uuid: UUID) -> HttpResponse:
    """Ask about a resident from his record."""
    resident = residents.visible_resident(request.actor, uuid, at=clock.now())
    whom = Whom(
        resident, None, request.actor.place or 0, reverse("residents:detail", args=[uuid]),
        reverse("consultations:request_resident", args=[uuid]),
    )  # fmt: skip
    return _asked(request, whom, key=str(uuid), kind="residents.resident")


def _asked(request: Request, whom: Whom, *, key: str, kind: str) -> HttpResponse:
    actor, at = request.actor, clock.now()
    permissions.may_request(actor, from_facility_id=whom.facility_id).require()
    audit.look(Look.CASE, by=actor, at=at, subject=whom.resident.uuid, kind=kind, key=key)
    if request.method != "POST":
        built = ask_page(actor, whom, at=at, given=request.GET if request.htmx else None)
        return page(request, FORM, fragment="who", page=built)

    def write() -> str:
        post = request.POST
        case = actions.request_consultation(
            resident=whom.resident, visit=whom.visit, from_facility_id=whom.facility_id,
            to_facility_id=_centre(post.get("centre", "")), asked=asked_of(post), consent=residents.consent_from(post),
            pack=chosen_of(post), experts=_experts(actor, post.getlist("experts")), by=actor, at=at,
        )  # fmt: skip
        return reverse("consultations:case", args=[case.uuid])

    try:
        return write_once(request, write, _("会诊申请已发出，答复后会通知您。"))
    except (InvalidInput, Conflict) as error:
        built = ask_page(actor, whom, at=at, given=request.POST, error=error)
        return page(request, FORM, status=error.status, page=built)


def asked_of(post: QueryDict) -> Asked:
    """What an invitation states, from a form. :raises InvalidInput: a time that cannot be read"""
    from xinglin.consultations.web.acts import moment_from  # noqa: PLC0415 - it shows what is chosen here

    return Asked(
        **{name: post.get(name, "") for name in ("kind", "reason", "aim", "summary", "specialty", "title_wanted")},
        wanted_at=moment_from(post.get("other_time", "") or post.get("wanted_at", ""), "wanted_at"),
    )


def chosen_of(post: QueryDict) -> list[Chosen]:
    """The parts of a pack chosen on a form. :raises InvalidInput: one cannot be read"""
    found = []
    for value in post.getlist("items"):
        kind, _sep, uuid = value.partition(":")
        try:
            found.append(Chosen(kind, UUID(uuid) if uuid else None))
        except ValueError as error:
            raise InvalidInput(_("资料无法识别。"), fields={"items": _("请重新选择。")}) from error
    if post.get("note", "").strip():
        found.append(Chosen(PackItem.Kind.NOTE, title=post.get("note_title", ""), text=post.get("note", "")))
    return found


def _centre(text: str) -> int:
    try:
        return network.facility_by_uuid(UUID(text)).id
    except (ValueError, NotVisible) as error:
        raise InvalidInput(_("请选择会诊中心。"), fields={"centre": _("请从列表中选择。")}) from error


def _experts(actor: Actor, values: list[str]) -> list[Expert]:
    try:
        return [directory.visible_expert(actor, UUID(each)) for each in values if each]
    except (ValueError, NotVisible) as error:
        raise InvalidInput(_("请选择专家。"), fields={"experts": _("请重新选择。")}) from error


def ask_page(actor: Actor, whom: Whom, *, at: datetime, given: Any = None, error: DomainError | None = None) -> AskPage:
    """The form; what was `given` before wins over what the visit suggests."""
    said = given if given is not None else QueryDict()
    centres = _centres(whom.facility_id)
    centre = said.get("centre", "")
    if centre not in dict(centres):
        centre = centres[0][0] if centres else ""
    values = _suggested(whom) | {name: said[name] for name in _TEXTS if name in said}
    offers = pack_offers(actor, whom.resident, whom.visit, at=at)
    experts = directory.choices_for(
        actor, managed_by=network.facility_by_uuid(UUID(centre)).id, specialty=values["specialty"]
    ) if centre else []  # fmt: skip
    chosen = [each for each in said.getlist("experts") if each in {str(one.uuid) for one in experts}]
    return AskPage(
        person=residents.person_of(whom.resident, actor), back_url=whom.back_url, action_url=whom.action_url,
        kinds=[(value, str(label)) for value, label in Case.Kind.choices],
        kind=said.get("kind") or str(Case.Kind.IMMEDIATE), centres=centres, centre=centre,
        specialties=catalogue.specialties(), titles=[(value, str(label)) for value, label in Expert.Title.choices],
        experts=[(str(each.uuid), expert_words(each)) for each in experts], chosen=chosen,
        slots=_slots(experts, chosen, at=at), offers=[(value, label) for value, label, _suggested in offers],
        packed=said.getlist("items") if given is not None and "aim" in said else [each for each, _label, suggested in offers if suggested][:4],
        values=values, answers=[("agreed", _("同意，签字")), ("paper", _("已在纸上签字"))],
        consent=said.get("consent", ""), relations=residents.signer_relations(),
        relation=said.get("signer_relation", ""), error=error,
    )  # fmt: skip


def _centres(facility_id: int) -> list[tuple[str, str]]:
    """Units with experts, the consortium's lead hospital first."""
    lead = network.lead_hospital_of(facility_id)
    ids = sorted(directory.centres(), key=lambda each: each != lead)
    found = [network.facility_by_id(each) for each in ids or ([lead] if lead else [])]
    return [(str(each.uuid), each.name) for each in found]


def _slots(experts: list[Expert], chosen: list[str], *, at: datetime) -> list[tuple[str, str]]:
    """Free slots of the one expert chosen."""
    found = [each for each in experts if str(each.uuid) in chosen]
    if len(found) != 1:
        return []
    free = [each for each in slots.slots_of(found[0], at=at) if each.is_free]
    return [(local_input(each.starts_at), f"{timezone.localtime(each.starts_at):%m-%d %H:%M}") for each in free[:12]]


def _suggested(whom: Whom) -> dict[str, str]:
    visit = whom.visit
    return {
        "reason": visit.complaint[:200] if visit is not None else "",
        "summary": visits.visit_summary(visit) if visit is not None else "",
        "aim": "", "specialty": "", "title_wanted": "", "wanted_at": "", "other_time": "", "note_title": "", "note": "",
        "signer_name": whom.resident.name,
    }  # fmt: skip


def pack_offers(actor: Actor, resident: Any, visit: Any, *, at: datetime) -> list[tuple[str, str, bool]]:
    """What may be shown: the visit, the newest examinations and images the actor sees, and the record; each with its
    value, its words, and whether it is suggested: of the last days, with something to read. The rest he chooses himself.
    """
    ids, since = residents.ids_of_person(resident), at - SUGGESTED_FOR
    found = []
    if visit is not None:
        found.append((f"VISIT:{visit.uuid}", f"{_('本次就诊记录')} {visit.number}", True))
    else:
        rows = visits.visits_visible_to(actor).filter(resident__in=ids).select_related("facility")
        recent = rows.order_by("-started_at", "-id")[:MOST_OFFERED]
        found += [
            (f"VISIT:{row.uuid}", f"{_('就诊病历')} {row.number} {row.complaint}", row.started_at >= since)
            for row in recent
        ]
    for each in diagnostics.summaries_of(actor, ids, before=at, limit=MOST_OFFERED):
        fresh = each.reported_at is not None and each.reported_at >= since
        found.append((f"REQUEST:{each.uuid}", _request_words(each), fresh))
    found.append(("RECORD:", _("健康档案摘要（过敏史、既往病史、近期经过）"), True))
    for study in imaging.earlier_studies(actor, ids, without=None)[:MOST_OFFERED]:
        if study.request_id is None:
            summary = imaging.study_summary(study)
            words = f"{_('影像资料')} {'/'.join(summary.modalities)} {summary.description}"
            found.append((f"STUDY:{study.uuid}", words, False))
    return found


def _request_words(summary: Any) -> str:
    """What it is, of which day, and what was concluded or where it stands."""
    kinds = {"ECG": _("心电图"), "IMAGING": _("影像"), "LAB": _("检验"), "PATHOLOGY": _("病理")}
    what = " ".join((kinds.get(summary.kind, _("检查检验")), listed_text(summary.items[:MOST_ITEMS]))).strip()
    day = f"{timezone.localtime(summary.reported_at or summary.requested_at):%Y-%m-%d}"
    parts = (what, day, summary.conclusion.replace("\n", "；") or summary.status_label, *summary.critical)
    return " · ".join(part for part in parts if part)


def offers_of(actor: Actor, case: Case, *, at: datetime) -> list[tuple[str, str]]:
    """What can still be put into the pack of a case by who asked; empty for all others."""
    if not permissions.may(Verb.CHANGE_PACK, actor, case):
        return []
    if not residents.residents_visible_to(actor).filter(pk=case.resident_id).exists():
        return []
    rows = case.items.filter(removed_at__isnull=True).values_list("kind", "object_uuid")
    there = {f"{kind}:{uuid or ''}" for kind, uuid in rows}
    offered = pack_offers(actor, case.resident, case.visit, at=at)
    return [(value, label) for value, label, _suggested in offered if value not in there]
