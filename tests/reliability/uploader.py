"""``python -m tests.reliability.uploader make|send``: a telephone's changes made, or taken one after the other, told as each is kept."""

import json
import sys
from datetime import timedelta

import django

MANY = 60


def main() -> None:
    """``make`` prints a county with a telephone and its changes; ``send`` takes them from standard input."""
    django.setup()
    if sys.argv[1] == "make":
        made()
    else:
        taken(json.loads(sys.stdin.readline()))


def made() -> None:
    from tests.factories.county import County
    from tests.factories.pocket import a_device
    from tests.factories.programmes import STABLE, an_enrolment
    from xinglin.platform import clock
    from xinglin.platform.ids import new_uuid

    county, now = County(), clock.now()
    people = [an_enrolment(county, name=f"王{each}", at=now - timedelta(days=9)).resident for each in "甲乙丙丁戊己"]
    device = a_device(county, at=now - timedelta(days=8))
    changes = [
        {
            "client_id": str(new_uuid()), "kind": "visit", "resident": str(people[n % len(people)].uuid), "base_revision": 0,
            "happened_at": (now - timedelta(hours=2 * MANY - n)).isoformat(),
            "content": {
                "channel": "PHONE", "answers": {**STABLE, "systolic": str(110 + n % 30)},
                "call_reason": "上次没有说清，再问一次",  # each is called several times in a week
            },
        }
        for n in range(MANY)
    ]  # fmt: skip
    sys.stdout.write(json.dumps({"user": county.alma.user_id, "device": str(device.uuid), "changes": changes}) + "\n")


def taken(said: dict) -> None:  # type: ignore[type-arg]
    from uuid import UUID

    from xinglin.accounts.models import User
    from xinglin.accounts.queries import actor_of_user
    from xinglin.platform import clock
    from xinglin.pocket import actions, queries
    from xinglin.pocket.data import Envelope
    from xinglin.pocket.schemas import NOTED, change_in

    at = clock.now()
    actor = actor_of_user(User.objects.get(pk=said["user"]), at=at)
    device = queries.own_device(actor, UUID(said["device"]))
    for raw in said["changes"]:
        given = change_in(NOTED.validate_python(raw))
        change, again = actions.receive_change(
            device=device, given=given, envelope=Envelope(at, at), by=actor, at=clock.now()
        )
        sys.stdout.write(f"{change.client_id} {change.status} {'again' if again else 'first'}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
