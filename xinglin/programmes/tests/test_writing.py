"""Definitions made in the county: checked, kept, looked at by another, dated; running enrolments keep theirs until they are moved."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings

from tests.factories.county import NOW, County
from tests.factories.programmes import a_programme_visit, an_enrolment
from xinglin.platform import clock
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted
from xinglin.platform.models import AuditRecord, OutboxEvent
from xinglin.programmes import actions, effects, kept
from xinglin.programmes.models import Edition, EditionEffect, EditionText, VersionMove
from xinglin.programmes.rules import catalogue
from xinglin.programmes.states import EditionStatus

pytestmark = pytest.mark.django_db
TODAY = clock.today(NOW)
SHIPPED = (settings.DEFINITIONS_DIR / "programmes" / "hypertension.toml").read_text()
FRAME = (settings.DEFINITIONS_DIR.parent / "docs" / "how-to" / "programme-frame.toml").read_text()


@pytest.fixture
def ren(county: County) -> Any:
    """Another specialist."""
    return county.actor(county.user("ren", "specialist", county.hospital, name="任"))


def approved(county: County, ren: Any, text: str = FRAME) -> Edition:
    edition = actions.keep_edition(text=text, by=county.sun, at=NOW)
    actions.submit_edition(edition=edition, checksum=edition.checksum, by=county.sun, at=NOW)
    return actions.approve_edition(edition=edition, checksum=edition.checksum, by=ren, at=NOW)


def dated(county: County, ren: Any, text: str = FRAME, day: date = TODAY) -> Edition:
    edition = approved(county, ren, text)
    return actions.date_edition(edition=edition, checksum=edition.checksum, valid_from=day, by=county.sun, at=NOW)


def sooner() -> str:
    """Hypertension with shorter intervals for the two milder grades."""
    assert SHIPPED.count("every_days = 90") == 2
    return SHIPPED.replace("every_days = 90", "every_days = 60").replace("due_in_days = 90", "due_in_days = 60")


def test_a_text_with_overlapping_grades_is_not_kept_and_says_where(county: County) -> None:
    text = SHIPPED.replace(
        'when = [{ condition = "at-160" }, { none = [{ condition = "at-180" }] }]', 'when = { condition = "at-160" }'
    )

    with pytest.raises(InvalidInput) as refused:
        actions.keep_edition(text=text, by=county.sun, at=NOW)

    said = refused.value.fields["1"]
    line = text[: text.index('slug = "grade-2"')].count("\n")
    assert f"第{line}行" in said
    assert "重叠，例如：" in said
    assert Edition.objects.count() == 0


def test_a_draft_is_reviewed_by_another_and_dated(county: County, ren: Any) -> None:
    edition = dated(county, ren)

    assert (edition.status, edition.version) == (EditionStatus.DATED, f"example-disease@{TODAY}")
    assert [each.became for each in edition.status_changes.all()] == ["DRAFT", "SUBMITTED", "APPROVED", "DATED"]
    assert catalogue.programme("example-disease", on=TODAY).version == edition.version
    events = set(AuditRecord.objects.values_list("event", flat=True))
    assert {"programme.edition-kept", "programme.edition-approved", "programme.edition-dated"} <= events
    assert OutboxEvent.objects.filter(event="programme.edition-dated", object_uuid=edition.uuid).count() == 1


def test_nobody_reviews_what_he_wrote_himself(county: County, ren: Any) -> None:
    edition = actions.keep_edition(text=FRAME, by=county.sun, at=NOW)
    changed = actions.change_edition(
        edition=edition, text=FRAME + "\n# 注\n", checksum=edition.checksum, by=ren, at=NOW
    )
    actions.submit_edition(edition=edition, checksum=changed.checksum, by=ren, at=NOW)

    for writer in (county.sun, ren):
        with pytest.raises(NotPermitted):
            actions.approve_edition(edition=edition, checksum=changed.checksum, by=writer, at=NOW)
    assert EditionText.objects.filter(edition=edition).count() == 2


def test_who_only_sees_residents_writes_no_definition(county: County) -> None:
    for actor in (county.alma, county.tang, county.bo):
        with pytest.raises(NotPermitted):
            actions.keep_edition(text=FRAME, by=actor, at=NOW)


def test_a_text_changed_after_review_loses_its_approval(county: County, ren: Any) -> None:
    edition = approved(county, ren)

    edition = actions.change_edition(
        edition=edition, text=FRAME + "\n# 又改\n", checksum=edition.checksum, by=county.sun, at=NOW
    )

    assert (edition.status, edition.reviewed_by) == (EditionStatus.DRAFT, None)
    with pytest.raises(Conflict):
        actions.date_edition(edition=edition, checksum=edition.checksum, valid_from=TODAY, by=ren, at=NOW)


def test_a_reviewer_approves_the_text_he_saw_and_no_other(county: County, ren: Any) -> None:
    edition = actions.keep_edition(text=FRAME, by=county.sun, at=NOW)
    seen = edition.checksum
    edition = actions.change_edition(edition=edition, text=FRAME + "\n# 改\n", checksum=seen, by=county.sun, at=NOW)
    actions.submit_edition(edition=edition, checksum=edition.checksum, by=county.sun, at=NOW)

    with pytest.raises(Conflict):
        actions.approve_edition(edition=edition, checksum=seen, by=ren, at=NOW)


def test_what_is_returned_says_why_and_begins_anew(county: County, ren: Any) -> None:
    edition = actions.keep_edition(text=FRAME, by=county.sun, at=NOW)
    actions.submit_edition(edition=edition, checksum=edition.checksum, by=county.sun, at=NOW)

    with pytest.raises(InvalidInput):
        actions.return_edition(edition=edition, checksum=edition.checksum, reason=" ", by=ren, at=NOW)
    actions.return_edition(edition=edition, checksum=edition.checksum, reason="缺少来源", by=ren, at=NOW)

    assert edition.status == EditionStatus.RETURNED
    assert edition.status_changes.last().reason == "缺少来源"


def test_a_day_in_the_past_and_a_day_that_is_taken_are_refused(county: County, ren: Any) -> None:
    edition = approved(county, ren)
    with pytest.raises(InvalidInput):
        actions.date_edition(
            edition=edition, checksum=edition.checksum, valid_from=TODAY - timedelta(days=1), by=ren, at=NOW
        )
    actions.date_edition(edition=edition, checksum=edition.checksum, valid_from=TODAY, by=ren, at=NOW)
    other = approved(county, ren, FRAME + "\n# 另一稿\n")

    with pytest.raises(Conflict):
        actions.date_edition(edition=other, checksum=other.checksum, valid_from=TODAY, by=ren, at=NOW)


def test_a_version_is_taken_back_before_its_day_and_never_after(county: County, ren: Any) -> None:
    later = dated(county, ren, day=TODAY + timedelta(days=7))
    begun = dated(county, ren, FRAME + "\n# 今天\n")

    actions.withdraw_edition(edition=later, checksum=later.checksum, reason="改期", by=county.sun, at=NOW)
    with pytest.raises(Conflict):
        actions.withdraw_edition(edition=begun, checksum=begun.checksum, reason="改期", by=county.sun, at=NOW)

    assert [each.version for each in catalogue.all_versions() if each.slug == "example-disease"] == [begun.version]


def test_from_its_day_new_enrolments_take_it_and_running_ones_keep_theirs(county: County, ren: Any) -> None:
    before = an_enrolment(county, at=NOW - timedelta(days=30))
    shipped = before.version
    edition = dated(county, ren, sooner())
    after = an_enrolment(county, at=NOW)
    before.refresh_from_db()

    assert (before.version, after.version) == (shipped, edition.version)
    a_programme_visit(county, before, at=NOW)
    a_programme_visit(county, after, at=NOW)
    before.refresh_from_db()
    after.refresh_from_db()
    assert (before.next_due_on - TODAY, after.next_due_on - TODAY) == (timedelta(days=90), timedelta(days=60))


def test_a_shipped_version_stays_in_force_until_the_day_of_the_countys_own(county: County, ren: Any) -> None:
    edition = dated(county, ren, sooner(), day=TODAY + timedelta(days=3))

    assert catalogue.programme("hypertension", on=TODAY).version != edition.version
    assert catalogue.programme("hypertension", on=TODAY + timedelta(days=3)).version == edition.version


def test_another_process_sees_a_version_as_soon_as_it_enrols(county: County, ren: Any, monkeypatch: Any) -> None:
    edition = dated(county, ren, sooner())
    monkeypatch.setattr(kept, "_seen", (float("inf"), ()))  # as a process that looked before it was dated

    assert catalogue.programme("hypertension", on=TODAY).version != edition.version
    assert catalogue.programme("hypertension", edition.version).version == edition.version  # by its name at once
    monkeypatch.setattr(kept, "_seen", (float("inf"), ()))
    assert an_enrolment(county, at=NOW).version == edition.version


def test_a_dated_text_that_cannot_be_read_any_more_leaves_the_others_in_force(county: County, ren: Any) -> None:
    edition = dated(county, ren)
    Edition.objects.filter(pk=edition.pk).update(text="slug = 1", checksum="x")
    kept.forget()

    assert catalogue.programme("hypertension", on=TODAY).slug == "hypertension"
    assert "example-disease" not in {each.slug for each in catalogue.programmes(TODAY)}


def test_the_enrolments_of_a_facility_go_over_as_many_as_were_counted(county: County, ren: Any) -> None:
    several = [an_enrolment(county, at=NOW - timedelta(days=30), name=f"韩{n}") for n in "甲乙丙"]
    a_programme_visit(county, several[0], at=NOW - timedelta(days=10))
    edition = dated(county, ren, sooner())
    said = {"programme": "hypertension", "facility_id": county.clinic.pk, "version": edition.version}

    with pytest.raises(Conflict):
        actions.move_enrolments(**said, counted=2, by=county.alma, at=NOW)
    with pytest.raises(NotPermitted):
        actions.move_enrolments(**said, counted=3, by=county.cai, at=NOW)
    moved = actions.move_enrolments(**said, counted=3, by=county.alma, at=NOW)

    assert (moved.n_moved, VersionMove.objects.count()) == (3, 3)
    for each in several:
        each.refresh_from_db()
        assert each.version == edition.version
    assert several[0].next_due_on == TODAY + timedelta(days=50)
    with pytest.raises(Conflict):
        actions.move_enrolments(**said, counted=0, by=county.alma, at=NOW)


def test_what_a_text_would_do_is_counted_on_the_countys_records(county: County) -> None:
    seen = an_enrolment(county, at=NOW - timedelta(days=30))
    a_programme_visit(county, seen, at=NOW - timedelta(days=10))
    an_enrolment(county, at=NOW - timedelta(days=30), name="未访")
    edition = actions.keep_edition(text=sooner(), by=county.sun, at=NOW)
    effect = actions.ask_effect(edition=edition, by=county.sun, at=NOW)

    with pytest.raises(Conflict):
        actions.ask_effect(edition=edition, by=county.sun, at=NOW)
    effects.count_effect(EditionEffect.objects.select_related("edition").get(), at=NOW)

    effect.refresh_from_db()
    counts = effect.figures["counts"]
    assert (counts["enrolled"], counts["never_seen"], counts["changed"]) == (2, 1, 1)
    assert (counts["changed_next_due_on"], counts["sooner"], counts.get("changed_grade", 0)) == (1, 1, 0)
    assert effect.figures["grades"] == {"below-140>below-140": 1}
    assert (effect.n_looked, effect.fault) == (effect.n_residents, "")
    assert effect.ended_at is not None


def test_a_count_that_was_cut_off_goes_on_and_counts_nobody_twice(county: County, monkeypatch: Any) -> None:
    monkeypatch.setattr(effects, "PIECE", 1)
    for n in "甲乙丙":
        an_enrolment(county, at=NOW, name=f"韩{n}")
    edition = actions.keep_edition(text=sooner(), by=county.sun, at=NOW)
    effect = actions.ask_effect(edition=edition, by=county.sun, at=NOW)
    first = effects._look

    def fails(figures: Any, ids: Any, *rest: Any) -> None:
        if effect.__class__.objects.get().n_looked == 1:
            raise RuntimeError
        first(figures, ids, *rest)

    monkeypatch.setattr(effects, "_look", fails)
    with pytest.raises(RuntimeError):
        effects.count_effect(EditionEffect.objects.select_related("edition").get(), at=NOW)
    monkeypatch.setattr(effects, "_look", first)
    effects.count_effect(EditionEffect.objects.select_related("edition").get(), at=NOW)

    effect.refresh_from_db()
    assert (effect.figures["counts"]["enrolled"], effect.n_looked) == (3, effect.n_residents)
