"""Whatever somebody types into a definition, the check answers in words, within a bounded time, and never falls over."""

import random
import re
import time

import pytest
from django.conf import settings

from xinglin.programmes.rules.checking import check_text
from xinglin.programmes.web.reading_page import ReadingPage, fault_rows

TEXTS = [
    (settings.DEFINITIONS_DIR.parent / "docs" / "how-to" / "programme-frame.toml").read_text(),
    (settings.DEFINITIONS_DIR / "programmes" / "gout.toml").read_text(),
]
VALUES = (
    "1", "-5", "1.5", "true", '"x"', "[]", "[1]", "{}", "{ a = 1 }", "2027-01-01", '""', '"$nope"', "[[1]]", "99999999999999999999",
    "inf", "nan", '{ field = "age", at_least = "x" }', "{ field = 3 }", "{ any = 3 }", '"' + "x" * 5000 + '"',
)  # fmt: skip


def spoiled(lots: random.Random) -> str:
    """A definition with a line gone, doubled, or a value of another kind."""
    lines = lots.choice(TEXTS).split("\n")
    for _ in range(lots.choice([1, 1, 2, 3])):
        n, lot = lots.randrange(len(lines)), lots.random()
        values = list(re.finditer(r"=\s*([^,}\]]+)", lines[n]))
        if lot < 0.2:
            del lines[n]
        elif lot < 0.3:
            lines.insert(n, lots.choice(lines))
        elif values:
            found = lots.choice(values)
            lines[n] = f"{lines[n][: found.start(1)]}{lots.choice(VALUES)} {lines[n][found.end(1) :]}"
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(4))
def test_a_spoiled_definition_is_answered_in_words(seed):
    lots, n_faulty = random.Random(seed), 0
    for _ in range(40):
        text = spoiled(lots)
        started = time.monotonic()
        report = check_text(text, "x.toml")
        rows = fault_rows(report.faults, "")
        if report.programme is not None and report.is_good:
            ReadingPage.build(report.programme)
        n_faulty += bool(rows)
        assert time.monotonic() - started < 20
        assert all(row["message"] and row["where"] for row in rows)
    assert n_faulty > 20
