"""The pages of residents without a team: chosen by hand, by a rule, by a table; secrets stay secret."""

import io

import openpyxl
from django.core import signing
from django.test import Client
from django.urls import reverse

from tests.factories.accounts import browser_of, sign_in
from tests.factories.contracts import a_team, an_agreement
from tests.factories.residents import a_resident
from xinglin.contracts import actions, assigning
from xinglin.contracts.models import Assignment, Distribution
from xinglin.platform.models import AuditRecord
from xinglin.web.sheets import Sheet, workbook


def upload(*rows, headings=("档案号", "姓名", "团队编号")):
    file = io.BytesIO(workbook([Sheet("表", headings, rows)]))
    file.name = "table.xlsx"
    return file


def test_a_member_claims_from_the_list_and_the_team_shows_who_is_signed(county, now):
    free, signed = a_resident(county, name="赵自由", at=now), a_resident(county, name="钱已签", at=now)
    team = a_team(county, at=now)
    an_agreement(county, resident=signed, at=now)
    alma = browser_of(county, "alma")

    listed = alma.get(reverse("contracts:unassigned"))
    answer = alma.post(reverse("contracts:give"), {"team": team.uuid, "residents": [free.uuid]})

    assert "赵自由" in listed.content.decode()
    assert "钱已签" not in listed.content.decode()
    assert answer.url == reverse("contracts:team_residents", args=[team.uuid])
    unsigned = alma.get(answer.url + "?signed=no").content.decode()
    everybody = alma.get(answer.url).content.decode()
    assert "赵自由" in unsigned
    assert "钱已签" not in unsigned
    assert "钱已签" in everybody
    assert Assignment.objects.get(resident=free).way == "CLAIMED"
    record = alma.get(reverse("residents:detail", args=[free.uuid])).content.decode()
    assert "沙沟一队 · 未签约" in record
    assert AuditRecord.objects.filter(event="contract.unassigned-listed").exists()


def test_who_was_taken_meanwhile_is_told_with_his_team(county, now):
    resident = a_resident(county, name="赵自由", at=now)
    a_team(county, at=now)
    other = a_team(county, "东沟二队", facility=county.clinic, at=now)
    actions.assign_resident(team=a_team(county), resident=resident, by=county.tang, at=now)

    answer = browser_of(county, "tang").post(
        reverse("contracts:give"), {"team": other.uuid, "residents": [resident.uuid]}
    )

    assert answer.status_code in (409, 422)


def test_a_resident_is_given_back_and_handed_on_from_his_page(county, now):
    resident = a_resident(county, name="赵自由", at=now)
    team, other = a_team(county, at=now), a_team(county, "东沟二队", places=(county.clinic,), at=now)
    given = actions.assign_resident(team=team, resident=resident, by=county.tang, at=now)
    tang = browser_of(county, "tang")
    url = reverse("contracts:assignment", args=[given.uuid])

    shown = tang.get(url).content.decode()
    refused = tang.post(reverse("contracts:change_assignment", args=[given.uuid, "release"]), {"reason": ""})
    handed = tang.post(
        reverse("contracts:change_assignment", args=[given.uuid, "hand"]), {"team": other.uuid, "reason": "就近服务"}
    )
    standing = assigning.standing_of([resident.pk])
    back = tang.post(
        reverse("contracts:change_assignment", args=[standing.uuid, "release"]), {"reason": "长期在外务工"}
    )

    assert "未签约" in shown
    assert refused.status_code == 422
    assert handed.url == reverse("contracts:assignment", args=[standing.uuid])
    assert standing.team == other
    assert back.status_code == 302
    assert assigning.standing_of([resident.pk]) is None
    assert "长期在外务工" in tang.get(url).content.decode()


def test_a_rule_is_shown_before_it_is_done_and_the_manager_sees_numbers_only(county, now):
    for name in ("赵自由", "钱自由"):
        a_resident(county, name=name, at=now)
    a_team(county, at=now)
    mei = browser_of(county, "mei")

    before = mei.get(reverse("contracts:distribute"))
    listed = mei.get(reverse("contracts:unassigned")).content.decode()
    done = mei.post(reverse("contracts:distribute"), {"keep": "village"})

    assert before.context["page"]["plan"].n_asked == 2
    assert "赵自由" not in listed + before.content.decode()
    assert done.status_code == 302
    assert Distribution.objects.get().n_given == 2
    assert "2/2" in mei.get(done.url).content.decode()
    assert mei.post(reverse("contracts:distribute"), {"keep": "village"}).status_code == 422
    assert browser_of(county, "alma").get(reverse("contracts:distribute")).status_code == 403


def test_the_table_is_exported_checked_row_by_row_and_written_when_confirmed(county, now):
    good, wrong, held = (a_resident(county, name=name, at=now) for name in ("赵自由", "钱错行", "孙有队"))
    team = a_team(county, at=now)
    other = a_team(county, "西沟队", facility=county.sibling, at=now)
    actions.assign_resident(team=team, resident=held, by=county.tang, at=now)
    code = assigning.code_of(team)
    tang = browser_of(county, "tang")

    book = openpyxl.load_workbook(io.BytesIO(tang.get(reverse("contracts:export_unassigned")).content))
    checked = tang.post(
        reverse("contracts:check_table"),
        {"file": upload((good.number, "赵自由", code), (wrong.number, "别的名", code), (held.number, "孙有队", code),
                        (wrong.number, "钱错行", assigning.code_of(other)), ("P0", "无人", "D9999"))},
    )  # fmt: skip

    names = {row[1] for row in book.worksheets[0].iter_rows(min_row=2, values_only=True)}
    assert names == {"赵自由", "钱错行"}
    assert code in {row[0] for row in book.worksheets[1].iter_rows(min_row=2, values_only=True)}
    page = checked.context["page"]
    assert (page["n"], page["n_good"], page["n_bad"]) == (5, 1, 4)
    assert [(number, column) for number, column, _value, _why in page["faults"]] == [
        (3, "姓名"), (4, "团队编号"), (5, "团队编号"), (6, "档案号"), (6, "团队编号"),
    ]  # fmt: skip
    assert assigning.standing_of([good.pk]) is None  # checked is not written
    written = tang.post(reverse("contracts:write_table"), {"checked": page["checked"]})
    assert written.status_code == 302
    assert assigning.standing_of([good.pk]).way == "TABLE"
    assert Distribution.objects.get().n_given == 1


def test_a_checked_table_of_somebody_else_is_not_written(county, now):
    resident, team = a_resident(county, at=now), a_team(county, at=now)
    forged = signing.dumps(
        [county.alma.user_id, [[str(resident.uuid), str(team.uuid)]]], salt="contracts.checked-table", compress=True
    )

    for checked in (forged, forged + "x", ""):
        answer = browser_of(county, "tang").post(reverse("contracts:write_table"), {"checked": checked})
        assert answer.status_code == 422
    assert not Assignment.objects.exists()
    empty = browser_of(county, "tang").post(reverse("contracts:check_table"), {"file": upload(("P1", "赵", ""))})
    assert empty.status_code == 422


def test_a_secret_condition_is_no_filter_for_who_may_not_know_of_it(county, now):
    a_resident(county, name="赵精障", conditions=["severe-mental-disorder"], at=now)
    ill = a_resident(county, name="钱高压", conditions=["hypertension"], at=now)
    user = county.user("assistant", "doctor-assistant", county.clinic)
    assistant = sign_in(Client(), user)
    url = reverse("contracts:unassigned")

    plain = assistant.get(url)
    by_condition = assistant.get(url + "?condition=severe-mental-disorder").content.decode()
    by_group = assistant.get(url + "?group=mental-disorder").content.decode()
    known = browser_of(county, "alma").get(url + "?condition=severe-mental-disorder").content.decode()

    assert "赵精障" in plain.content.decode()
    assert "severe-mental-disorder" not in plain.content.decode()
    assert "赵精障" not in by_condition + by_group
    assert "赵精障" in known
    assert ill.name in assistant.get(url + "?condition=hypertension").content.decode()
