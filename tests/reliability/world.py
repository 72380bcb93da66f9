"""``python -m tests.reliability.world``: put a county, residents and Alma's token into an empty database; print them as JSON."""

import json
import sys

import django


def main() -> None:
    """Make the world through the factories."""
    django.setup()
    from datetime import timedelta

    from tests.factories.accounts import MAKER
    from tests.factories.county import County
    from tests.factories.residents import a_resident
    from tests.factories.visits import a_term
    from xinglin.accounts import actions
    from xinglin.accounts.roles import ROLES
    from xinglin.platform import clock

    county, now = County(), clock.now()
    a_term()
    alma = county.alma
    residents = [a_resident(county, name=f"王小{each}", at=now) for each in "甲乙丙丁戊己庚辛"]
    token = actions.create_token(
        user=county.users["alma"], label="writer", permitted=ROLES["village-doctor"].permissions,
        expires_at=now + timedelta(days=2), by=MAKER, at=now,
    )  # fmt: skip
    json.dump(
        {
            "user": alma.user_id, "clinic": county.clinic.pk, "hospital": county.hospital.pk, "token": token.secret,
            "residents": [str(each.uuid) for each in residents],
        },
        sys.stdout,
    )  # fmt: skip


if __name__ == "__main__":
    main()
