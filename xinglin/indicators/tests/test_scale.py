"""Many facts: what was published of them comes out again to the digit, in whatever memory and order it is computed."""

import random
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from synth import facts
from synth.progress import Progress
from tests.factories.county import NOW
from xinglin.indicators.actions import publish_figures
from xinglin.indicators.definitions.reading import check
from xinglin.indicators.engine import board
from xinglin.indicators.engine.computing import WHOLE, Places
from xinglin.indicators.engine.examples import filled, memory
from xinglin.indicators.engine.figures import compute
from xinglin.indicators.engine.periods import parse
from xinglin.indicators.engine.snapshots import differences
from xinglin.indicators.engine.source import Tables
from xinglin.indicators.models import Extraction, FactVersion
from xinglin.platform.definitions import Definition

LAYOUT = facts.Layout(12_000, 3_000, of_county=2, of_townships=3, of_villages=12)
DONE = datetime(2026, 12, 31, 12, tzinfo=UTC)


@pytest.fixture
def version(settings: Any, tmp_path: Path) -> FactVersion:
    """A version of the facts over files of a generated county."""
    settings.FACTS_DIR = tmp_path / "facts"
    n_rows = facts.write(settings.FACTS_DIR, LAYOUT, progress=Progress(lambda _text: None))
    manifest: dict[str, Any] = {}
    for path in settings.FACTS_DIR.glob("*/*.parquet"):
        manifest.setdefault(path.parent.name, {})[path.stem] = {"file": path.name, "rows": 1, "mark": ""}
    found = FactVersion.objects.create(digest="generated", manifest=manifest, n_rows=n_rows, made_at=DONE)
    Extraction.objects.create(started_at=DONE, finished_at=DONE, version=found)
    return found


@pytest.mark.thorough
def test_a_published_year_of_many_visits_is_computed_again_to_the_digit(county: Any, version: FactVersion) -> None:
    snapshot = publish_figures(title="年报", period="2026", by=county.mei, at=NOW)
    whole = snapshot.figures.get(slug="grassroots-share", level="county").cells[WHOLE]
    first = snapshot.figures.get(slug="v04-first-visit", level="county").cells[WHOLE]
    known = facts.answers(Path(board.settings.FACTS_DIR))["all"]

    with override_settings(FACTS_MEMORY="1GB"):
        again = differences(snapshot)

    assert again == []
    assert (whole["n"], whole["d"]) == (known["grassroots-share:n"], known["visits-by-tier:n"])
    assert (first["n"], first["d"]) == (known["v04-first-visit:n"], known["v04-first-visit:d"])
    assert len(snapshot.figures.get(slug="grassroots-share", level="township").cells) == LAYOUT.townships
    assert version.pk == snapshot.version_id


def test_a_sum_of_what_is_not_whole_does_not_depend_on_the_order_of_rows() -> None:
    definition = Definition(
        slug="sugar", title_zh="血糖", title_en="Glucose", source="", mark="", valid_from=date(2020, 1, 1), valid_until=None,
        next_review=date.max, examples=(),
        content={"why": {"zh": "一", "en": "one"}, "unit": "mmol/L", "base": "units", "numerator": "sum(visits, glucose)",
                 "denominator": "count(visits)"},
    )  # fmt: skip
    rng, november, found = random.Random(5), parse("2026-11"), set()
    values = [rng.random() * 10 ** rng.randrange(6) for _ in range(500)]
    for _ in range(3):
        rng.shuffle(values)
        tables = memory(
            filled({"visits": [{"glucose": each, "facility": 1 + n % 7} for n, each in enumerate(values)]}, november)
        )
        at = compute([check(definition)], Tables(tables), november, ref=november.last, places={"county": Places()})
        found.add(at["sugar"]["county"][WHOLE].numerator)

    assert len(found) == 1
    assert found.pop() == pytest.approx(sum(values))
