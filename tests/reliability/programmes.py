"""A resident in a programme with a visit, and one well-formed call of each operation of programmes."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from tests.factories.county import County
from tests.factories.programmes import STABLE, a_dated_edition, a_programme_visit, an_edition, an_enrolment, shipped
from tests.factories.residents import a_resident
from xinglin.programmes import actions


class Programmes:
    """Alma's resident in a programme, and another who is in none."""

    def __init__(self, county: County, resident: Any, *, at: datetime) -> None:
        self.resident = resident
        self.enrolment = an_enrolment(county, resident=resident, at=at)
        self.visit = a_programme_visit(county, self.enrolment, at=at)
        serious = {"systolic": "186", "diastolic": "112"}
        found = a_programme_visit(
            county,
            an_enrolment(county, name="郑高", at=at),
            serious,
            at=at,
            alert_answer="REFER",
            confirmed_unusual=True,
        )
        self.alert = found.alerts.get()
        actions.draw_sample(programme="hypertension", by=county.tang, at=at)
        self.check = self.visit.checks.get()
        self.clinic, self.sibling = county.clinic.uuid, county.sibling.uuid
        self.transfer = actions.transfer_residents(
            former_id=county.clinic.pk, facility_id=county.township.pk, why="MOVED", by=county.alma, at=at,
            only=[a_resident(county, name="韩转", at=at).uuid],
        )  # fmt: skip
        self.newcomer = a_resident(county, name="周新", at=at)
        an_enrolment(county, name="吴痛", programme="gout", at=at)
        self.dated = a_dated_edition(county, shipped("gout"), at=at)
        self.edition = an_edition(county, at=at)

    def calls(self) -> dict[str, tuple[Any, ...]]:
        """Operation → what stands in its path, its body, its query."""
        answers = {**STABLE, "new_complication": False}
        gout = {"programme": "gout", "facility": self.clinic, "version": self.dated.version, "counted": 1}
        seen = {"checksum": self.edition.checksum}
        said = {"client_id": uuid4(), "channel": "PHONE", "answers": answers}
        return {
            "list_programmes": (),
            "check_programme_definition": (None, {"text": self.edition.text}),
            "list_programme_editions": (),
            "keep_programme_edition": (None, {"text": self.edition.text}),
            "get_programme_edition": (self.edition.uuid,),
            "change_programme_edition": (self.edition.uuid, {**seen, "text": f"# 改\n{self.edition.text}"}),
            "step_programme_edition": (self.edition.uuid, {**seen, "step": "SUBMIT"}),
            "count_programme_edition": (self.edition.uuid, {}),
            "list_single_diseases": (),
            "list_running_versions": (None, None, "?programme=gout"),
            "move_programme_enrolments": (None, gout),
            "get_programme_screening": (self.newcomer.uuid,),
            "record_programme_screening": (self.newcomer.uuid, {"answers": {"systolic": 134, "diastolic": 84}}),
            "list_high_risk_residents": (),
            "list_population_transfers": (),
            "preview_population_transfer": (None, None, f"?former={self.clinic}&facility={self.sibling}"),
            "transfer_population": (
                None,
                {"former": self.clinic, "facility": self.sibling, "why": "MOVED", "only": [self.newcomer.uuid]},
            ),
            "undo_population_transfer": (self.transfer.uuid,),
            "count_programme": (None, None, "?programme=hypertension"),
            "list_due_residents": (None, None, "?box=all"),
            "enrol_resident": (None, {"resident": self.newcomer.uuid, "programme": "hypertension", "basis": "诊断"}),
            "search_fhir_episodes": (None, None, f"?patient={self.resident.uuid}"),
            "read_fhir_episode": (self.enrolment.uuid,),
            "search_fhir_care_plans": (None, None, f"?patient={self.resident.uuid}"),
            "read_fhir_care_plan": (self.enrolment.uuid,),
            "search_fhir_goals": (None, None, f"?patient={self.resident.uuid}"),
            "read_fhir_goal": (f"{self.enrolment.uuid}.reporting",),
            "search_fhir_questionnaire_responses": (None, None, f"?patient={self.resident.uuid}"),
            "read_fhir_questionnaire_response": (self.visit.uuid,),
            "read_fhir_observation": (f"{self.visit.uuid}.hypertension",),
            "get_enrolment": (self.enrolment.uuid,),
            "end_enrolment": (self.enrolment.uuid, {"reason_code": "REFUSED"}),
            "look_at_answers": (self.resident.uuid, {"answers": answers}),
            "record_programme_visit": (self.resident.uuid, said),
            "get_programme_visit": (self.visit.uuid,),
            "print_programme_advice": (self.visit.uuid,),
            "list_quality_checks": (None, None, "?programme=hypertension"),
            "draw_quality_checks": (None, {"programme": "hypertension"}),
            "check_programme_visit": (self.check.uuid, {"result": "TRUE"}),
            "answer_programme_alert": (self.alert.uuid, {"answer": "REFERRED", "note": "已在县医院就诊"}),
            "amend_programme_visit": (self.visit.uuid, {**said, "reason": "看错一位"}),
        }
