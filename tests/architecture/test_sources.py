"""A definition's source names a document or a place that a reader can look for."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: Words for notes that only their writer has.
NOTES = re.compile(r"工作规则|转引自规则|rules\.md|counties\.md|indicators\.md|\b(?:WH|WN|QH|XC|WF)-\d")


def test_no_source_names_notes_that_only_their_writer_has() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted((ROOT / "definitions").rglob("*.toml"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if NOTES.search(line)
    ]
    assert found == []
