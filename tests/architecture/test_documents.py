"""Documents are found, and lead where they say."""

import re
from pathlib import Path

from tests.architecture.source import PACKAGE, ROOT

LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
#: Folders of a working copy that are not ours.
FOREIGN = {".venv", "node_modules", "var", "build"}


def pages() -> list[Path]:
    return [each for each in sorted(ROOT.rglob("*.md")) if FOREIGN.isdisjoint(each.relative_to(ROOT).parts)]


def test_every_link_between_documents_leads_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {to}"
        for page in pages()
        for to in LINK.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / to).exists()
    ]

    assert broken == []


def test_every_page_is_in_the_list_of_documents() -> None:
    index = ROOT / "docs" / "README.md"
    linked = {(index.parent / to).resolve() for to in LINK.findall(index.read_text(encoding="utf-8"))}

    written = {
        each.resolve()
        for folder in ("how-to", "explanation", "reference")
        for each in (ROOT / "docs" / folder).glob("*.md")
    }

    assert written - linked == set()


def test_every_folder_says_what_it_owns() -> None:
    assert [each.parent.name for each in PACKAGE.glob("*/apps.py") if not (each.parent / "README.md").exists()] == []


def test_the_order_of_folders_is_told_as_it_is_enforced() -> None:
    layers = re.search(r"layers =\n((?:    .+\n)+)", (ROOT / ".importlinter").read_text(encoding="utf-8"))
    assert layers
    order = " > ".join(line.strip() for line in layers.group(1).splitlines())

    for page in ("README.md", "docs/explanation/architecture.md"):
        assert f"`{order}`" in (ROOT / page).read_text(encoding="utf-8"), page
