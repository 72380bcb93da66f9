"""What each page of visits shows, gathered once; templates ask nothing further."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.network import api as network
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision
from xinglin.platform.paging import Page
from xinglin.residents import api as residents
from xinglin.visits import medicines, permissions, queries, secrecy
from xinglin.visits import vitals as judging
from xinglin.visits.models import Diagnosis, DiagnosisTerm, Order, Prescription, Visit
from xinglin.visits.results import TakenOver, taken_over_at
from xinglin.visits.states import LOOKS, Status
from xinglin.visits.summary import days_words, glucose_words, vitals_words
from xinglin.visits.vitals import Hint, Limit
from xinglin.visits.web.forms import Draft
from xinglin.web.pills import Pill

MOST_PLACES = 60


def address(name: str, *args: object) -> str:
    """The address of a page, or nothing where that page does not exist."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


@dataclass(frozen=True, slots=True)
class Step:
    """A way on from a hint: `action` is ``ecg``, ``imaging``, ``laboratory``, ``pathology`` or ``refer``."""

    action: str
    label: str
    icon: str
    url: str = ""


def steps(actor: Actor, hint: Hint, *, facility_id: int | None, visit_uuid: UUID | None = None) -> list[Step]:
    """What the actor can do about a hint: ask for an ECG, refer. Only where he may and the page exists."""
    known = {
        "ecg": (_("申请心电图"), "pulse", "diagnostics:request", Permission.REQUEST_PLACE),
        "imaging": (_("申请影像检查"), "image", "diagnostics:imaging_request", Permission.REQUEST_PLACE),
        "laboratory": (_("申请检验"), "flask", "laboratory:order_visit", Permission.REQUEST_PLACE),
        "pathology": (_("申请病理检查"), "microscope", "pathology:request", Permission.REQUEST_PLACE),
        "consult": (_("远程会诊"), "users", "consultations:request", Permission.CONSULTATION_REQUEST),
        "refer": (_("急诊转诊"), "ambulance", "referrals:send", Permission.REFERRAL_SEND),
    }
    found = []
    for action in hint.actions:
        label, icon, url_name, permission = known[action]
        url = address(url_name, visit_uuid or UUID(int=0))
        if url and facility_id is not None and actor.may_begin(permission, at=facility_id):
            found.append(Step(action, label, icon, url if visit_uuid else ""))
    return found


@dataclass(frozen=True)
class VitalField:
    """One measurement on the page: its limit, what is typed, and its error."""

    limit: Limit
    value: str
    error: object = ""

    @property
    def name(self) -> str:
        """Name of the input."""
        return self.limit.name


@dataclass(frozen=True)
class RecordPage:
    """The page on which a visit is written down."""

    person: Any
    url: str
    draft: Draft
    vitals: dict[str, VitalField]
    hints: list[tuple[Hint, list[Step]]]
    unusual: dict[str, object]
    last: Visit | None
    pressures: list[Visit]
    recents: list[Diagnosis]
    options: list[DiagnosisTerm]
    replaces: Visit | None
    kinds: list[tuple[str, str]]
    glucose_words: list[tuple[str, str]]
    facility_id: int
    facility_choices: list[tuple[int, str]]
    prescribe: Decision
    ended: Decision
    message: object = ""
    errors: dict[str, object] = field(default_factory=dict)

    @property
    def look_url(self) -> str:
        """Where values are looked at while they are typed. In the address, because buttons inside inherit values."""
        return f"{self.url}{'&' if '?' in self.url else '?'}op=look"

    @property
    def systolics(self) -> list[int | None]:
        """Of the last visits, oldest first."""
        return [each.systolic for each in self.pressures]

    @property
    def latest_pressure(self) -> Visit | None:
        """The last visit with a blood pressure."""
        return self.pressures[-1] if self.pressures else None

    @property
    def chips(self) -> dict[str, list[str]]:
        """Words that are tapped instead of typed."""
        return {name: medicines.choices(name) for name in ("complaints", "durations", "advice", "orders")}

    @property
    def routes(self) -> list[str]:
        """Routes of a medicine."""
        return medicines.choices("routes")

    @property
    def frequencies(self) -> list[str]:
        """How often a medicine is taken."""
        return medicines.choices("frequencies")

    @property
    def has_more_vitals(self) -> bool:
        """Whether one of the folded measurements is filled in or wrong."""
        folded = [name for name in self.vitals if name not in {"systolic", "diastolic", "pulse"}]
        return any(self.vitals[name].value or self.vitals[name].error for name in folded)

    @property
    def only_before(self) -> bool:
        """Whether a new visit is refused here and one of before may be written down."""
        return not self.ended and self.replaces is None

    @property
    def rest_open(self) -> bool:
        """Whether the folded rest has what must be filled in, or something wrong."""
        return self.only_before or any(
            self.errors.get(name) for name in ("history", "examination", "kind", "started_at")
        )

    @property
    def pressure_error(self) -> object:
        """The error of either pressure."""
        return self.vitals["systolic"].error or self.vitals["diastolic"].error

    @property
    def medicine_rows(self) -> list[dict[str, Any]]:
        """Prescriptions with the errors of each."""
        return [
            {"n": index, "row": row, "errors": _errors_under(self.errors, f"prescriptions.{index}.")}
            for index, row in enumerate(self.draft.prescriptions)
        ]

    @property
    def diagnosis_rows(self) -> list[dict[str, Any]]:
        """Diagnoses with the errors of each."""
        return [
            {"n": index, "row": row, "errors": _errors_under(self.errors, f"diagnoses.{index}.")}
            for index, row in enumerate(self.draft.diagnoses)
        ]


def _errors_under(errors: Mapping[str, object], prefix: str) -> list[object]:
    return [reason for name, reason in errors.items() if name.startswith(prefix)]


def record_page(
    actor: Actor,
    resident: Any,
    draft: Draft,
    *,
    at: datetime,
    facility_id: int,
    replaces: Visit | None = None,
    options: list[DiagnosisTerm] | None = None,
    message: object = "",
    errors: Mapping[str, object] | None = None,
) -> RecordPage:
    """Gather the page of a visit being written."""
    errors, ids = dict(errors or {}), residents.ids_of_person(resident)
    past = [each for each in queries.past_visits(ids, limit=6) if replaces is None or each.pk != replaces.pk]
    secrecy.told(actor, past, resident=resident)
    recents = secrecy.known(actor, resident, queries.recent_diagnoses(ids))
    seen, limits = draft.seen_vitals(), judging.limits()
    months = judging.age_in_months(resident.born_on, clock.today(at))
    believed = judging.believable(seen, age_months=months)
    found = judging.hints(believed, words=draft.complaint, age_years=months // 12)
    unusual = judging.judge(seen, age_months=months).unusual
    return RecordPage(
        person=residents.person_of(resident, actor),
        url=reverse("visits:record", args=[resident.uuid]) + (f"?replaces={replaces.uuid}" if replaces else ""),
        draft=draft,
        vitals={
            name: VitalField(limit, draft.vitals.get(name, ""), errors.get(name, "")) for name, limit in limits.items()
        },
        hints=[(hint, steps(actor, hint, facility_id=facility_id)) for hint in found],
        unusual={limits[name].label: reason for name, reason in unusual.items()},
        last=next((each for each in past if each.diagnoses.all()), None),
        pressures=queries.recent_pressures(ids),
        recents=[each for each in recents if (each.system, each.code) not in _chosen(draft)],
        options=options or [],
        replaces=replaces,
        kinds=[(value, str(label)) for value, label in Visit.Kind.choices],
        glucose_words=list(glucose_words().items()),
        facility_id=facility_id,
        facility_choices=_facility_choices(actor, facility_id),
        prescribe=permissions.may_prescribe(actor, facility_id),
        ended=permissions.may_record(actor, facility_id),
        message=message,
        errors=errors,
    )


def _chosen(draft: Draft) -> set[tuple[str, str]]:
    return {(row.system, row.code) for row in draft.diagnoses}


def _facility_choices(actor: Actor, facility_id: int) -> list[tuple[int, str]]:
    places = actor.places_where(Permission.VISIT_RECORD)
    if places is None or not 1 < len(places) <= MOST_PLACES:
        return []
    names = network.facility_names(places)
    return sorted(names.items(), key=lambda item: (item[0] != facility_id, item[1]))


@dataclass(frozen=True)
class DetailPage:
    """One visit, to be read, signed, printed, voided, and gone on from."""

    person: Any
    visit: Visit
    status: Pill
    vitals: list[tuple[str, str, str]]
    diagnoses: list[Diagnosis]
    prescriptions: list[Prescription]
    orders: list[Order]
    hints: list[tuple[Hint, list[Step]]]
    pressures: list[Visit]
    changes: list[Any]
    sign: Decision
    void: Decision
    correct: Decision
    correct_url: str
    replaced_by: Visit | None
    onward: list[Step]
    is_late: bool
    taken_over: list[TakenOver]

    @property
    def systolics(self) -> list[int | None]:
        """Of this and former visits, oldest first."""
        return [each.systolic for each in self.pressures]

    @property
    def medicines(self) -> list[tuple[Prescription, str]]:
        """Prescriptions with how long each lasts."""
        return [(each, days_words(each.days)) for each in self.prescriptions]

    @property
    def has_quantities(self) -> bool:
        """Whether any prescription says how much is given out."""
        return any(each.quantity for each in self.prescriptions)

    @property
    def hints_lead_on(self) -> bool:
        """Whether a hint already offers the ways on, so that the head of the page need not."""
        return any(ways for _hint, ways in self.hints)

    @property
    def diastolics(self) -> list[int | None]:
        """Of this and former visits, oldest first."""
        return [each.diastolic for each in self.pressures]


def status_view(status: str) -> Pill:
    """The pill of a visit."""
    return Pill(str(Status(status).label), *LOOKS[Status(status)])


def detail_page(actor: Actor, visit: Visit) -> DetailPage:
    """Gather the page of one visit."""
    resident = visit.resident
    diagnoses, prescriptions, orders = queries.parts_of(visit)
    vitals = queries.vitals_of(visit)
    stands = visit.status != Status.VOIDED
    found = judging.hints_of(visit)
    hints = [(hint, steps(actor, hint, facility_id=visit.facility_id, visit_uuid=visit.uuid)) for hint in found]
    every = Hint("", "", "", "", ("ecg", "imaging", "laboratory", "pathology", "consult", "refer"), "", "")
    void = permissions.may_void(actor, visit)
    return DetailPage(
        person=residents.person_of(resident, actor),
        visit=visit,
        status=status_view(visit.status),
        vitals=vitals_words(vitals),
        diagnoses=list(diagnoses),
        prescriptions=list(prescriptions),
        orders=list(orders),
        hints=hints,
        pressures=queries.recent_pressures(residents.ids_of_person(resident), until=visit.started_at),
        changes=list(visit.status_changes.all()),
        sign=permissions.may_sign(actor, visit),
        void=void,
        correct=permissions.may_correct(actor, visit),
        correct_url=f"{reverse('visits:record', args=[resident.uuid])}?replaces={visit.uuid}",
        replaced_by=visit.replaced_by.first(),
        onward=steps(actor, every, facility_id=visit.facility_id, visit_uuid=visit.uuid) if stands else [],
        is_late=visit.recorded_at - visit.started_at > timedelta(hours=1),
        taken_over=taken_over_at(visit),
    )


@dataclass(frozen=True)
class ListPage:
    """The visits of one day."""

    day: date
    today: date
    rows: Page[Visit]
    mine: bool

    @property
    def items(self) -> list[dict[str, Any]]:
        """Each visit with what its line shows."""
        return [
            {
                "visit": visit,
                "url": reverse("visits:detail", args=[visit.uuid]),
                "status": status_view(visit.status),
                "diagnoses": _("、").join(each.name for each in visit.diagnoses.all()),
                "pressure": queries.vitals_of(visit).pressure,
            }
            for visit in self.rows.rows
        ]

    @property
    def before(self) -> date:
        """The day before."""
        return self.day - timedelta(days=1)

    @property
    def after(self) -> date | None:
        """The next day, unless it is still to come."""
        return self.day + timedelta(days=1) if self.day < self.today else None
