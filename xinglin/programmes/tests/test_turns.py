"""Two who change what one resident's line of the day list stands for take turns."""

import threading
import time

import pytest
from django.db import connection, transaction

from tests.factories.county import NOW, County
from tests.factories.programmes import an_enrolment
from xinglin.platform.actors import system_actor
from xinglin.programmes import actions
from xinglin.programmes.models import ManagedResident


@pytest.mark.django_db(transaction=True)
def test_of_two_who_write_one_line_the_second_reads_what_the_first_has_written(county: County) -> None:
    enrolment = an_enrolment(county)
    resident, line = enrolment.resident, ManagedResident.objects.get()

    def enrol() -> None:
        actions.enrol_resident(resident=resident, programme="diabetes", basis="诊断", by=county.alma, at=NOW)
        connection.close()

    def follow() -> None:
        actions.follow_devices(resident=resident, by=system_actor("疾病管理"), at=NOW)
        connection.close()

    threads = [threading.Thread(target=enrol), threading.Thread(target=follow)]
    with transaction.atomic():
        ManagedResident.objects.select_for_update().get(pk=line.pk)
        for n, each in enumerate(threads, 1):  # one after the other, each comes to where it has to wait
            each.start()
            _wait_until_waiting(n)
    for each in threads:
        each.join()

    assert ManagedResident.objects.get().programmes == ["diabetes", "hypertension"]


def _wait_until_waiting(n: int) -> None:
    """Until so many connections wait for a lock of another."""
    for _try in range(500):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0] >= n:
                return
        time.sleep(0.02)
    raise AssertionError(f"not {n} of them wait")
