"""Many units in a round: pages ask as often for many as for few, and nobody's work is cut off by what is not his."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.accounts import sign_in
from tests.factories.county import NOW, a_facility
from tests.factories.evaluations import Assessment
from tests.factories.figures import PatientClient
from xinglin.accounts.data import Permission as P
from xinglin.accounts.models import Grant
from xinglin.accounts.queries import actor_of_user
from xinglin.evaluations import actions, permissions, queries
from xinglin.evaluations.models import Appeal, ItemScore, Sheet
from xinglin.evaluations.rules.scoring import Basis
from xinglin.evaluations.web import pages

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("then")]


def more_units(assessment: Assessment, n: int, *, doctors: bool = False) -> list[Sheet]:
    """Further units in the round, each with an item nobody has given points and, with `doctors`, somebody who answers for it."""
    county, made = assessment.county, []
    status = "SUBMITTED" if assessment.now().status == "REVIEW" else "OPEN"
    first = Sheet.objects.count()
    for each in range(first, first + n):
        unit = a_facility(
            f"N{each:03}", f"第{each:03}卫生院", "TOWNSHIP_HOSPITAL", "TOWNSHIP", county.township_division
        )
        sheet = Sheet.objects.create(
            round=assessment.round, facility=unit, kind=unit.kind, name=unit.name, units={}, status=status,
            status_changed_at=NOW,
        )  # fmt: skip
        ItemScore.objects.create(sheet=sheet, code="D1", weight=1000, basis=Basis.WAITING)
        if doctors:
            county.user(f"doctor{each}", "township-doctor", unit, name=f"医{each:03}")
        made.append(sheet)
    return made


def queries_of(ask: Any) -> int:
    with CaptureQueriesContext(connection) as asked:
        ask()
    return len(asked)


def test_the_page_of_a_round_asks_as_often_for_many_units_and_shows_them_page_by_page(assessment, county):
    mei = county.mei

    def ask() -> dict[str, Any]:
        return pages.round_page(mei, assessment.now(), at=NOW)

    few = queries_of(ask)
    more_units(assessment, 30)
    assert queries_of(ask) == few

    first = ask()
    second = pages.round_page(mei, assessment.now(), at=NOW, cursor=first["paging"].next_cursor)
    names = [each["name"] for page in (first, second) for each in page["sheets"]]
    assert (len(first["sheets"]), len(names), len(set(names))) == (20, 32, 32)
    assert {each["n_open"] for each in first["sheets"] if each["name"].startswith("第")} == {1}
    client = sign_in(PatientClient(), county.users["mei"])
    address = f"/evaluations/rounds/{assessment.round.uuid}/"
    told = client.get(address).content.decode()
    assert f"?cursor={first['paging'].next_cursor}#units" in told
    assert (
        second["sheets"][-1]["name"] in client.get(f"{address}?cursor={first['paging'].next_cursor}").content.decode()
    )


def test_the_units_of_a_round_stand_by_points_whatever_the_page(assessment, county):
    for n, each in enumerate(more_units(assessment, 30)):
        Sheet.objects.filter(pk=each.pk).update(points=5_000 + n % 7 if n % 3 else None)
    found, cursor, shown = assessment.now(), "", []
    while True:
        page = queries.sheets_page(county.mei, found, cursor=cursor)
        shown += [each.pk for each in page.rows]
        if not (cursor := page.next_cursor):
            break
    assert [each.points for each in queries.sheets_of(county.mei, found)] == [
        Sheet.objects.get(pk=pk).points for pk in shown
    ]
    assert sorted(shown) == sorted(found.sheets.values_list("pk", flat=True))


def test_everybody_of_the_other_units_may_be_asked_to_review_and_one_query_finds_them(assessment, county):
    assert county.tang
    assert assessment.zhou
    sheet = assessment.sheet(county.township)
    few = queries_of(lambda: pages.sheet_page(county.mei, sheet, at=NOW))
    more_units(assessment, 120, doctors=True)

    assert queries_of(lambda: pages.sheet_page(county.mei, sheet, at=NOW)) == few
    offered = [name for _value, name in pages.sheet_page(county.mei, sheet, at=NOW)["candidates"]]
    assert len(offered) == 121
    assert not any("唐" in each for each in offered)
    last = Sheet.objects.order_by("-id").first()
    user = Grant.objects.get(facility=last.facility).user
    actions.name_assessor(sheet=sheet, facility_id=last.facility_id, user_id=user.pk, by=county.mei, at=NOW)
    assert assessment.sheet(county.township).assessor == user.pk


def test_what_somebody_may_not_judge_hides_nothing_he_was_asked_to_review(assessment, county):
    assessment.checked()
    more_units(assessment, 8)
    asked = more_units(assessment, 1)[0]
    runs = county.actor(county.user("guan", "consortium-manager", county.hospital, name="管", everywhere=True))
    limited = actor_of_user(county.users["guan"], at=NOW)
    program = type(limited)(
        kind="token", user_id=limited.user_id, name=limited.name, grants=limited.grants, place=limited.place,
        scopes=frozenset({P.EVALUATION_MANAGE, P.EVALUATION_ANSWER}),
    )  # fmt: skip
    Sheet.objects.filter(pk=asked.pk).update(assessor=program.user_id)

    assert queries.to_review(program, limit=1) == [asked]
    assert len(queries.to_review(runs, limit=4)) == 4
    everyone = (runs, program, county.tang, county.mei, county.alma, assessment.gao, assessment.zhou)
    for actor in everyone:
        waiting = {each.pk for each in Sheet.objects.all() if permissions.may_review(actor, each)}
        assert {each.pk for each in queries.to_review(actor)} == waiting


def test_appeals_somebody_may_not_decide_hide_none_that_he_may(assessment, county):
    assessment.checked()
    for each in (county.township, county.other_township):
        assessment.review(each, assessment.gao)
    actions.tell_results(of_round=assessment.round, by=county.mei, at=NOW)
    for code in ("D1", "D2"):
        for unit, by in ((county.township, county.tang), (county.other_township, assessment.zhou)):
            item = assessment.item(unit, code)
            actions.raise_appeal(item=item, wanted=100, reason="有误", by=by, at=NOW)
    late = actions.raise_appeal(
        item=assessment.item(county.township, "A1"), wanted=900, reason="漏计", by=county.tang,
        at=NOW + timedelta(minutes=1),
    )  # fmt: skip

    assert queries.open_appeals(assessment.gao, limit=1) == [late]
    for actor in (county.mei, assessment.gao, county.tang, assessment.zhou, county.alma):
        waiting = {each.pk for each in Appeal.objects.all() if permissions.may_decide(actor, each)}
        assert {each.pk for each in queries.open_appeals(actor)} == waiting
