"""``python -m tests.reliability.writers WORLD FOLDER``: eight threads write visits until the input ends.

Each notes the uuid of every visit whose transaction was acknowledged in a file of its own, right after the commit. When
the database goes away a thread waits and goes on: what it had not been told is not noted.
"""

import json
import sys
import threading
import time
from pathlib import Path
from typing import TextIO

import django

THREADS = 8


def write(number: int, world: dict[str, object], log: TextIO, stop: threading.Event) -> None:
    """One writer: a visit, its audit record and its outbox row in one transaction, again and again."""
    from django.db import InterfaceError, OperationalError, connection

    from tests.factories.visits import AMLODIPINE, HYPERTENSION
    from xinglin.accounts.models import User
    from xinglin.accounts.queries import actor_of_user
    from xinglin.platform import clock
    from xinglin.residents.models import Resident
    from xinglin.visits.api import Content, Vitals, record_visit

    actor = resident = None
    while not stop.is_set():
        try:
            now = clock.now()
            if actor is None or resident is None:
                actor = actor_of_user(User.objects.get(pk=world["user"]), at=now)
                resident = Resident.objects.get(uuid=world["residents"][number])  # type: ignore[index]
            visit = record_visit(
                resident=resident, facility_id=world["clinic"],
                content=Content(
                    complaint="头晕3天", vitals=Vitals(systolic=150, diastolic=92), diagnoses=[HYPERTENSION],
                    prescriptions=[AMLODIPINE],
                ),
                by=actor, at=now,
            )  # fmt: skip
        except (OperationalError, InterfaceError):
            connection.close()
            time.sleep(0.05)
            continue
        log.write(f"{visit.uuid}\n")
        log.flush()
    connection.close()


def main(world_json: str, folder: str) -> None:
    """Run the writers."""
    django.setup()
    world, stop = json.loads(world_json), threading.Event()
    logs = [Path(folder, f"writer-{number}.log").open("a") for number in range(THREADS)]  # noqa: SIM115
    threads = [threading.Thread(target=write, args=(number, world, logs[number], stop)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    stop.set()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
