"""``xinglin facts --published``: every publication computed again from its own facts by its own definitions."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.factories.county import NOW
from tests.factories.residents import a_resident
from xinglin.indicators.actions import publish_figures
from xinglin.indicators.definitions.reading import indicator
from xinglin.indicators.engine.computing import WHOLE
from xinglin.indicators.engine.values import Value
from xinglin.indicators.facts.extraction import extract
from xinglin.indicators.management.commands.facts import line
from xinglin.indicators.models import SnapshotFigure
from xinglin.indicators.tests.test_facts import a_visit_row


def test_the_board_of_the_command_tells_amounts_in_yuan() -> None:
    cost = indicator("m10a-inpatient-cost")

    said = line(cost, Value(5900.0, numerator=7_080_000, denominator=12))

    assert said.split() == ["m10a-inpatient-cost", "5900", "yuan", "(70800.00", "yuan/12)"]


def recomputed() -> str:
    out = io.StringIO()
    call_command("facts", published=True, stdout=out)
    return out.getvalue()


def test_a_publication_comes_out_as_published_after_facts_changed_and_a_wrong_digit_is_found(county: Any) -> None:
    resident = a_resident(county)
    a_visit_row(county, resident, facility=county.clinic, at=NOW, number="V1")
    extract(at=NOW)
    snapshot = publish_figures(title="月报", period="2026-11", by=county.mei, at=NOW)
    a_visit_row(county, resident, facility=county.hospital, at=NOW, number="late")
    extract(at=NOW + timedelta(minutes=10))

    assert recomputed() == "2026-11 月报: every digit as published\n"
    figure = SnapshotFigure.objects.filter(snapshot=snapshot, slug="grassroots-share", level="county")
    figure.update(cells={WHOLE: {"v": 99.0, "n": 1, "d": 1}})
    with pytest.raises(CommandError, match="1 figure came out otherwise"):
        recomputed()
