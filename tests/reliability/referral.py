"""``python -m tests.reliability.referral WORLD``: send one up-referral from the world's clinic; print its uuid."""

import json
import sys

import django


def main(world_json: str) -> None:
    """Send it as Alma does."""
    django.setup()
    from tests.factories.referrals import CONSENT, UP_SLIP
    from tests.factories.visits import a_visit
    from xinglin.accounts.models import User
    from xinglin.accounts.queries import actor_of_user
    from xinglin.platform import clock
    from xinglin.referrals import actions
    from xinglin.referrals.data import Route
    from xinglin.residents.models import Resident
    from xinglin.visits.api import Vitals

    world, now = json.loads(world_json), clock.now()
    actor = actor_of_user(User.objects.get(pk=world["user"]), at=now)
    resident = Resident.objects.get(uuid=world["residents"][0])
    vitals = Vitals(systolic=186, diastolic=112, confirmed_unusual=True)
    visit = a_visit(resident=resident, by=actor, at=now, vitals=vitals, complaint="胸闷1天")
    referral = actions.send_referral(
        resident=resident, visit=visit, route=Route(world["clinic"], world["hospital"], "ordinary"), slip=UP_SLIP,
        consent=CONSENT, by=actor, at=now,
    )  # fmt: skip
    print(referral.uuid)


if __name__ == "__main__":
    main(*sys.argv[1:])
