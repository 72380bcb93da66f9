"""A programme's visit keeps what a family-doctor contract promised, once."""

from datetime import timedelta

from tests.factories.contracts import an_agreement
from tests.factories.county import NOW, County
from tests.factories.programmes import a_programme_visit, an_enrolment
from tests.factories.residents import a_resident
from xinglin.contracts import jobs as contract_jobs
from xinglin.platform.ids import new_uuid
from xinglin.programmes import jobs


def test_one_meeting_proves_an_item_once_whatever_it_is_written_down_as(county: County) -> None:
    resident = a_resident(county, conditions=["hypertension"])
    agreement = an_agreement(county, resident=resident, packages=("basic", "hypertension"), at=NOW - timedelta(days=25))
    visit = a_programme_visit(county, an_enrolment(county, resident=resident, programme="hypertension"))
    assert visit.visit is not None

    jobs.prove(event_uuid=str(new_uuid()), object_uuid=str(visit.uuid))
    contract_jobs.prove_visit(event_uuid=str(new_uuid()), object_uuid=str(visit.visit.uuid))

    done = agreement.promises.filter(done_on__isnull=False, proof="programme:hypertension")
    assert done.count() == 1
    assert done.get().proof_uuid == visit.visit.uuid
    assert agreement.promises.filter(item=done.get().item, done_on__isnull=False).count() == 1
