"""Teams and agreements, made through the real actions."""

from datetime import date, datetime, timedelta
from typing import Any

from tests.factories.county import NOW, County
from tests.factories.residents import a_resident
from xinglin.contracts import actions
from xinglin.contracts.data import Wanted
from xinglin.contracts.models import Agreement, Team
from xinglin.contracts.states import Status
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.residents.api import ConsentGiven

AGREED = ConsentGiven(
    agreed=True, signer_name="王小麦", explained="已说明服务内容和解约办法", signature_png=None, on_paper=True
)
SHEET = b"%PDF-1.4 signed sheet"


def sheet() -> Any:
    """A scanned sheet."""
    import io

    return io.BytesIO(SHEET)


def a_team(
    county: County,
    name: str = "沙沟一队",
    *,
    facility: Any = None,
    places: tuple[Any, ...] = (),
    at: datetime = NOW,
    **facts: Any,
) -> Team:
    """A family-doctor team at the township hospital above Alma that serves her clinic, unless told otherwise; led by Tang,
    with Alma in it. The same team each time.
    """
    home = facility or county.township
    found = Team.objects.filter(name=name, facility=home).first()
    if found is not None:
        return found
    by = county.mei
    team = actions.form_team(name=name, facility_id=home.pk, by=by, at=at, **facts)
    for place in places or ((county.clinic,) if home == county.township else ()):
        actions.add_place(team=team, facility_id=place.pk, by=by, at=at)
    if home == county.township:
        for actor, profession, leads in (
            (county.tang, "general-practitioner", True),
            (county.alma, "village-doctor", False),
        ):
            username = next(key for key, user in county.users.items() if user.pk == actor.user_id)
            actions.add_member(team=team, username=username, profession=profession, is_leader=leads, by=by, at=at)
    actions.add_member(team=team, name="护师小林", profession="nurse", by=by, at=at)
    return team


def an_agreement(
    county: County,
    *,
    status: Status = Status.ACTIVE,
    resident: Any = None,
    team: Team | None = None,
    packages: tuple[str, ...] = ("basic",),
    starts_on: date | None = None,
    years: int = 1,
    by: Actor | None = None,
    at: datetime = NOW,
) -> Agreement:
    """An agreement of a resident of Alma's with the team, brought to `status` by the real steps."""
    by = by or county.alma
    resident = resident or a_resident(county, at=at)
    team = team or a_team(county, at=at)
    today = clock.today(at)
    start = starts_on or (today + timedelta(days=7) if status == Status.SIGNED else today)
    agreement = actions.draft_agreement(
        resident=resident, team=team, facility_id=county.clinic.pk, wanted=Wanted(packages, start, years), by=by, at=at
    )
    if status == Status.DISCARDED:
        actions.discard_draft(agreement=agreement, by=by, at=at)
    elif status != Status.DRAFT:
        actions.sign_draft(agreement=agreement, given=AGREED, scan=sheet(), by=by, at=at)
    if status == Status.ENDED:
        actions.end_agreement(agreement=agreement, reason_code="request", by=by, at=at)
    agreement.refresh_from_db()
    return agreement
