"""A reported examination proves what a family-doctor contract promised."""

from tests.factories.contracts import an_agreement
from tests.factories.county import NOW
from tests.factories.diagnostics import a_request
from tests.factories.residents import a_resident
from xinglin.diagnostics import jobs
from xinglin.platform import clock
from xinglin.platform.ids import new_uuid


def test_a_reported_ecg_asked_for_by_the_team_proves_the_yearly_one(county):
    resident = a_resident(county, conditions=["hypertension"])
    agreement = an_agreement(county, resident=resident, packages=("hypertension",))
    request = a_request(county, status="FINAL", resident=resident, at=NOW)

    for _twice in (1, 2):
        jobs.prove(event_uuid=str(new_uuid()), object_uuid=str(request.uuid))

    done = agreement.promises.get(item="yearly-ecg")
    assert (done.done_on, done.proof, done.proof_uuid) == (clock.today(NOW), "examination:ECG", request.uuid)
