"""External assessment: scoring, passing, lapsing."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.factories.county import NOW, County, later
from tests.factories.labcontrol import a_round, a_scheme
from xinglin.labcontrol import actions, catalogue
from xinglin.labcontrol.api import EqaState, eqa_valid
from xinglin.labcontrol.data import GivenSample
from xinglin.labcontrol.models import EqaSample
from xinglin.platform.definitions import load
from xinglin.platform.errors import InvalidInput, NotPermitted

pytestmark = pytest.mark.django_db


def state(county: County, analyte: str = "k", *, at: Any = NOW) -> EqaState:
    return eqa_valid(SimpleNamespace(facility_id=county.hospital.pk), analyte, at)


@pytest.mark.parametrize("example", load("eqa-scoring")[0].examples)
def test_each_worked_example_of_the_scoring_comes_out(county: County, example: dict[str, Any]) -> None:
    round_ = a_round(county, n_bad=example["samples"] - example["acceptable"])

    score = round_.scores.get()
    assert (score.percent, score.passed) == (example["score"], example["passes"])


def test_a_passed_round_stands_until_the_day_of_the_scheme(county: County) -> None:
    a_round(county)

    assert (state(county).code, state(county).until) == ("valid", date(2027, 3, 1))
    assert state(county, at=later(days=99)).valid  # 2027-02-27
    lapsed = state(county, at=later(days=101))  # 2027-03-01
    assert (bool(lapsed), lapsed.code) == (False, "lapsed")


def test_a_failed_round_ends_what_an_earlier_one_gave(county: County) -> None:
    scheme = a_scheme(county)
    a_round(county, scheme=scheme)

    a_round(county, scheme=scheme, number=2, n_bad=3, assessed_on=date(2026, 9, 1))

    assert state(county).code == "failed"


def test_the_highest_organiser_that_was_passed_is_named(county: County) -> None:
    a_round(county)
    national = a_scheme(county, organiser="NATIONAL", organiser_name="国家卫健委临检中心")
    a_round(county, scheme=national)

    assert state(county).organiser == "NATIONAL"
    assert state(county, "na").code == "none"


def test_without_a_range_the_allowable_error_makes_one(county: County) -> None:
    a_round(county)

    sample = EqaSample.objects.first()
    assert sample is not None
    tea = catalogue.allowable_error("k")
    assert tea == 6
    assert (sample.low, sample.high) == (Decimal("3.76"), Decimal("4.24"))


def test_a_sample_that_cannot_be_scored_keeps_the_round_out(county: County) -> None:
    scheme = a_scheme(county)
    good = GivenSample("k", "1", Decimal(4), Decimal(4))
    unknown = GivenSample("hs-tnt", "1", Decimal(4), Decimal(4))

    with pytest.raises(InvalidInput) as refusal:
        actions.keep_round(
            scheme=scheme, number=1, assessed_on=NOW.date(), samples=[good, unknown, good], by=county.he, at=NOW
        )

    assert list(refusal.value.fields) == ["samples.1", "samples.2"]
    assert not scheme.rounds.exists()


def test_a_round_kept_again_is_replaced(county: County) -> None:
    scheme = a_scheme(county)
    a_round(county, scheme=scheme, n_bad=3)

    a_round(county, scheme=scheme)

    assert scheme.rounds.count() == 1
    assert EqaSample.objects.count() == 5
    assert state(county).valid


def test_a_certificate_is_a_pdf_or_a_picture(county: County) -> None:
    scheme = a_scheme(county)

    with pytest.raises(InvalidInput):
        actions.keep_certificate(
            scheme=scheme, file=SimpleUploadedFile("x.exe", b"MZ rubbish"), name="x.exe", by=county.he, at=NOW
        )
    actions.keep_certificate(
        scheme=scheme, file=SimpleUploadedFile("证书.pdf", b"%PDF-1.7 x"), name="证书.pdf", by=county.he, at=NOW
    )

    assert scheme.certificate.media_type == "application/pdf"  # type: ignore[union-attr]


def test_a_technician_keeps_no_assessment(county: County) -> None:
    scheme = a_scheme(county)

    with pytest.raises(NotPermitted):
        actions.keep_round(scheme=scheme, number=1, assessed_on=NOW.date(), samples=[], by=county.lin, at=NOW)
