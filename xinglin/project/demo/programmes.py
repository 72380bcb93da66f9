"""Chapters of the demonstration: the resident enters the three-highs programmes; the village has its managed residents."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from django.db import transaction
from django.db.models import Count

from xinglin.accounts.models import Grant
from xinglin.accounts.queries import actor_of_user
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.programmes.actions import enrol_resident, record_programme_visit
from xinglin.programmes.data import VisitIn
from xinglin.programmes.models import Enrolment
from xinglin.programmes.rules import catalogue
from xinglin.programmes.states import Status
from xinglin.project.demo.morning import own_people
from xinglin.project.demo.people import CHIEF
from xinglin.project.demo.playing import Journey, require
from xinglin.residents.models import Resident

THREE = ("hypertension", "diabetes", "dyslipidaemia")
WELL: dict[str, Any] = {
    "danger_signs": ["none"], "side_effect": "none", "new_complication": False, "adherence": "regular",
}  # fmt: skip
JOINT: dict[str, Any] = {
    **WELL, "systolic": 128, "diastolic": 78, "glucose_fasting": 6.4, "low_glucose_reaction": "none",
    "foot_pulse": "felt", "total_cholesterol": 4.2, "triglycerides": 1.3, "ldl": 2.1, "hdl": 1.2,
}  # fmt: skip
#: A year of pressures of some residents of the village, the oldest first: stable, rising, out of control, dangerous.
VILLAGE = (
    ((138, 86), (134, 82), (130, 80)), ((142, 90), (136, 84), (128, 78)), ((132, 80), (146, 92), (150, 94)),
    ((150, 92), (158, 96), (162, 98)), ((126, 76), (128, 78), (124, 74)), ((148, 90), (172, 102), (188, 112)),
    ((136, 84), (132, 80), (134, 82)), ((154, 88), (140, 84), (132, 80)),
)  # fmt: skip
DAYS = (270, 180, 95)
TOGETHER = "three-highs"
#: What the joint visits of the county find, by turns: all reached; the pressure not; the glucose not; the lipids not; two not; not measured.
FOUND: tuple[dict[str, Any], ...] = (
    {}, {"systolic": 152, "diastolic": 94}, {"glucose_fasting": 8.4}, {"ldl": 3.3, "total_cholesterol": 5.4},
    {"systolic": 158, "diastolic": 92, "glucose_fasting": 9.1}, {"ldl": None, "total_cholesterol": None},
)  # fmt: skip


@transaction.atomic
def prepare(*, at: datetime) -> None:
    """Who is managed for at least two of the three is managed for them together, and was seen once since, by a doctor of his clinic."""
    if Enrolment.objects.filter(programme=TOGETHER, status=Status.ENROLLED).exists():
        return
    doctors = {
        grant.facility_id: grant.user
        for grant in Grant.objects.filter(role="village-doctor", revoked_at__isnull=True).select_related("user")
    }
    rows = Enrolment.objects.filter(programme__in=THREE, status=Status.ENROLLED, facility__in=doctors)
    counted = rows.order_by().values("resident").annotate(n=Count("id")).filter(n__gte=2).order_by("resident")
    people = Resident.objects.select_related("managed_by").in_bulk(counted.values_list("resident", flat=True))
    for n, resident in enumerate(people.values()):
        by = actor_of_user(doctors[resident.managed_by_id], at=at)
        _together(resident, FOUND[n % len(FOUND)], days=3 + 5 * (n % 7), by=by, at=at)


def _together(resident: Resident, found: Mapping[str, Any], *, days: int, by: Actor, at: datetime) -> None:
    """Enrolled 40 days ago, seen so many days ago; answered is what the joint form asks of him."""
    enrol_resident(resident=resident, programme=TOGETHER, basis="已在管两种及以上", by=by, at=at - timedelta(days=40))
    slugs = Enrolment.objects.filter(resident=resident, status=Status.ENROLLED).values_list("programme", flat=True)
    asked = {code for slug in slugs for code in catalogue.programme(slug).codes("routine")}
    answers = {**JOINT, "smoking": "never", "creatinine": 78, **found}
    known = {item: value for item, value in answers.items() if value is not None and item in asked}
    content = VisitIn(
        client_id=uuid4(), channel="CLINIC", answers=known, advice="低盐低脂饮食，按时服药。", alert_answer="REFERRED",
        alert_note="已联系三高基地调整用药。",
    )  # fmt: skip
    record_programme_visit(
        resident=resident, facility_id=resident.managed_by_id, content=content, by=by, at=at - timedelta(days=days)
    )


def enrol(journey: Journey) -> str:
    doctor, resident = journey["village-doctor"], journey.seen["resident"]
    for slug in (*THREE, TOGETHER):
        body = {"resident": resident, "programme": slug, "basis": "县医院出院诊断"}
        row = doctor.post("/enrolments", body, want=201)
        require(row["status"] == "ENROLLED" and row["next_due_on"], "the enrolment has no next day")
    doctor.post("/enrolments", {"resident": resident, "programme": THREE[0], "basis": "重复"}, want=409)
    due = doctor.get("/programmes/due")["items"]
    lines = [each for each in due if each["resident"] == resident]
    require(
        len(lines) == 1 and set(lines[0]["programmes"]) == {*THREE, TOGETHER}, "he does not stand on the day list once"
    )
    return f"{', '.join(THREE)}, and {TOGETHER}; a second time is refused; one line on the day list"


def joint_visit(journey: Journey) -> str:
    doctor, resident = journey["village-doctor"], journey.seen["resident"]
    said = doctor.post(f"/residents/{resident}/programme-look", {"answers": {**JOINT, "systolic": 192}})
    alerts = {each["code"]: each["level"] for result in said["results"] for each in result["alerts"]}
    require("emergency" in alerts.values(), "192 mmHg raises no alarm")
    body = {"client_id": str(uuid4()), "channel": "CLINIC", "answers": JOINT, "advice": "继续现用药，低盐低脂饮食。"}
    visit = doctor.post(f"/residents/{resident}/programme-visits", body, want=201)
    again = doctor.post(f"/residents/{resident}/programme-visits", body, want=201)
    require(visit["uuid"] == again["uuid"], "an upload sent twice made two visits")
    require(
        {each["programme"] for each in visit["results"]} == {*THREE, TOGETHER}, "not every programme has its result"
    )
    journey.seen["programme-visit"] = visit["uuid"]
    says = "; ".join(
        f"{each['programme']} {each['grade'] or 'not graded'}, next {each['next_due_on']}" for each in visit["results"]
    )
    return f"one form, {len(visit['results'])} results: {says}; 192 mmHg would raise {len(alerts)} alerts"


def printed_advice(journey: Journey) -> str:
    at = f"/programme-visits/{journey.seen['programme-visit']}/advice.pdf"
    page = journey["village-doctor"].get(at)
    require(page[:5] == b"%PDF-", "the advice is no PDF")
    journey["reading-doctor"].get(at, want=404)
    return f"one page of A5 to take home ({len(page) // 1024} KB); a doctor who only reads traces gets none (404)"


def village(journey: Journey) -> str:
    doctor = journey["village-doctor"]
    people = managed_here(journey, len(VILLAGE), besides=_enrolled(journey))
    for person, pressures in zip(people, VILLAGE, strict=True):
        doctor.post(
            "/enrolments", {"resident": person["uuid"], "programme": "hypertension", "basis": "既往诊断"}, want=201
        )
        for days, (systolic, diastolic) in zip(DAYS, pressures, strict=True):
            doctor.post(
                f"/residents/{person['uuid']}/programme-visits",
                {
                    "client_id": str(uuid4()), "channel": "HOME" if days == DAYS[0] else "CLINIC",
                    "happened_at": (clock.now() - timedelta(days=days)).isoformat(),
                    "answers": {**WELL, "systolic": systolic, "diastolic": diastolic}, "confirmed_unusual": True,
                    "alert_answer": "REFERRED", "alert_note": "已在县医院调整用药。",
                },
                want=201,
            )  # fmt: skip
    page = doctor.get("/programmes/due")["items"]
    require(page == sorted(page, key=lambda each: (-each["severity"], each["next_due_on"])), "the list is not by risk")
    return f"{len(people)} residents with a history, {len(page)} to see today, the most serious first"


def cohort(journey: Journey) -> str:
    rows = journey[CHIEF].get("/programme-population?programme=hypertension")
    seen = [each for each in rows if each["managed"]]
    own = journey["specialist"].get("/programme-population?programme=hypertension")
    require(len(rows) > len(own), "the chief physician's post reaches no further than the hospital's")
    require(not any(each["managed"] for each in own), "the hospital's own post reaches residents of villages")
    managed, controlled = (sum(each[name] or 0 for each in seen) for name in ("managed", "controlled"))
    return f"{managed} managed at {len(seen)} facilities, {controlled} controlled; nobody at the hospital's own post"


def sampled(journey: Journey) -> str:
    chief, doctor = journey[CHIEF], journey["village-doctor"]
    doctor.post("/quality-checks", {"programme": "hypertension"}, want=403)
    drawn = chief.post("/quality-checks", {"programme": "hypertension"}, want=201)
    again = chief.post("/quality-checks", {"programme": "hypertension"}, want=201)
    same = [{each["uuid"] for each in one["items"]} for one in (drawn, again)]
    require(drawn["drawn"] and same[0] == same[1], "a second draw gives others")
    journey.seen["checks"] = drawn["items"]
    return f"{drawn['drawn']} visits of the last 90 days by the rule of the month ({drawn['items'][0]['seed']}); a second draw gives the same"


def called_back(journey: Journey) -> str:
    chief, checks = journey[CHIEF], journey.seen["checks"]
    address = f"/quality-checks/{checks[-1]['uuid']}/result"
    chief.post(address, {"result": "FALSE"}, want=422)
    said = chief.post(address, {"result": "PARTLY", "note": "居民说当天来过卫生室，但没有问过服药情况"})
    chief.post(address, {"result": "TRUE"}, want=409)
    require(said["result"] == "PARTLY" and said["checked_by"] == chief.who, "the result is not kept with who asked")
    for each in checks[:-1][:2]:
        chief.post(f"/quality-checks/{each['uuid']}/result", {"result": "TRUE"})
    found = chief.get("/quality-checks?programme=hypertension")
    require(
        (found["asked"], found["true"]) == (min(3, len(checks)), min(2, len(checks) - 1)), "the truth is not counted"
    )
    return f"{found['asked']} residents called back, {found['true']} visits true, 1 in part: {said['note']}"


def _enrolled(journey: Journey) -> set[str]:
    """Residents of the village who are in a programme already."""
    found, cursor = set(), ""
    while True:
        page = journey["village-doctor"].get(f"/programmes/due?box=all&cursor={quote(cursor)}")
        found |= {each["resident"] for each in page["items"]}
        if not (cursor := page["next_cursor"]):
            return found


def managed_here(journey: Journey, wanted: int, *, besides: Collection[str] = ()) -> list[dict[str, Any]]:
    """Residents whom the village doctor's own clinic manages; others come to it and are managed elsewhere."""
    doctor = journey["village-doctor"]
    home = doctor.get(f"/residents/{journey.seen['resident']}")["managed_by"]
    found = []
    for person in own_people(journey, 3 * wanted, at_least=wanted, besides=besides):
        if doctor.get(f"/residents/{person['uuid']}")["managed_by"] == home:
            found.append(person)
        if len(found) == wanted:
            break
    require(len(found) == wanted, f"the village manages only {len(found)} of those to choose from")
    return found


STEPS: dict[str, tuple[str, Callable[[Journey], str]]] = {
    "enrol": ("village doctor enrols him in three programmes, and in the joint one, after discharge", enrol),
    "joint": ("one joint three-highs visit gives a result for each, with advice while typing", joint_visit),
    "advice": ("village doctor prints what he takes home from the visit", printed_advice),
    "managed": ("the village has its managed residents and its day list", village),
    "cohort": ("the chief physician sees the disease over the whole county", cohort),
    "sampled": ("quality control: visits are drawn by a rule nobody can steer", sampled),
    "called-back": ("residents are called back: is it true what was written?", called_back),
}
