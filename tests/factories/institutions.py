"""Institutions, those who live there, and agreements, made through the real actions."""

import io
from datetime import date, datetime
from typing import Any

from tests.factories.county import NOW, County
from tests.factories.residents import a_resident
from xinglin.institutions import actions
from xinglin.institutions.data import InstitutionIn, RoundIn, Signing
from xinglin.institutions.models import CareAgreement, Institution, Round, Stay
from xinglin.platform import clock
from xinglin.platform.actors import Actor

SHEET = b"%PDF-1.4 signed sheet"
OPENED = date(2015, 3, 1)


def a_home(
    county: County, name: str = "夕阳红养老院", *, by: Actor | None = None, at: datetime = NOW, **facts: Any
) -> Institution:
    """An elderly home in the place of the township hospital, written down by Tang."""
    by = by or county.tang
    assert by.place is not None
    said: dict[str, Any] = {
        "kind": "ELDERLY", "address": "东沟村南", "responsible": "孙桂英", "opened_on": OPENED, "phone": "13700001111",
        "beds": 40, **facts,
    }  # fmt: skip
    return actions.record_institution(content=InstitutionIn(name=name, **said), keeper_id=by.place, by=by, at=at)


def a_stay(
    county: County,
    home: Institution,
    *,
    resident: Any = None,
    by: Actor | None = None,
    at: datetime = NOW,
    **facts: Any,
) -> Stay:
    """Somebody of Alma's village who lives there from today."""
    person = resident or a_resident(county, at=at)
    return actions.move_in(
        institution=home, resident=person, since=facts.pop("since", clock.today(at)), by=by or county.tang, at=at, **facts
    )  # fmt: skip


def signed_sheet(name: str = "孙桂英") -> Signing:
    """Who signed, with the sheet."""
    return Signing(name, "院长", io.BytesIO(SHEET))


def a_care_agreement(
    county: County, home: Institution | None = None, *, team: Any = None, starts_on: date | None = None, years: int = 1,
    by: Actor | None = None, at: datetime = NOW,
) -> CareAgreement:  # fmt: skip
    """The township hospital is signed with the home from today, unless told otherwise."""
    home, by = home or a_home(county, at=at), by or county.tang
    assert by.place is not None
    package = "school" if home.kind in ("SCHOOL", "NURSERY") else "elderly-home"
    drafted = actions.draft_agreement(
        institution=home, facility_id=by.place, team=team, package=package, starts_on=starts_on or clock.today(at),
        years=years, by=by, at=at,
    )  # fmt: skip
    return actions.sign_agreement(agreement=drafted, signing=signed_sheet(), by=by, at=at)


def round_in(*stays: Stay, **said: Any) -> RoundIn:
    """What a round was."""
    given: dict[str, Any] = {
        "came": ("汤医生", "护士小林"), "findings": "血压平稳，床单元整洁", "signer_name": "孙桂英",
        "signature_png": b"\x89PNG\r\n\x1a\n", "seen": {each.uuid: "平稳" for each in stays}, **said,
    }  # fmt: skip
    return RoundIn(**given)


def first_round(agreement: CareAgreement, item: str = "round") -> Round:
    """The first time an item is due."""
    return Round.objects.select_related("agreement__institution", "agreement__team").get(
        agreement=agreement, item=item, n=1
    )
