"""One Chinese text has one English: all catalogues are one when a page is drawn, and the last would win."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator

from babel.messages.pofile import read_po

from tests.architecture.source import PACKAGE, ROOT, dotted, files, name, tree


def test_one_text_has_one_translation() -> None:
    found: dict[tuple[str | None, str], dict[str, str]] = defaultdict(dict)
    for path in sorted(PACKAGE.glob("*/locale/en/LC_MESSAGES/django.po")):
        with path.open("rb") as file:
            for message in read_po(file):
                if message.id:
                    key = (message.context, str(message.id))
                    found[key][path.relative_to(PACKAGE).parts[0]] = str(message.string)

    print(f"{len(found)} texts")
    assert {key[1]: texts for key, texts in found.items() if len(set(texts.values())) > 1} == {}


#: Names of working papers nobody outside has: files, and rows of their tables.
PAPERS = re.compile(r"\b(?:WH|XC|WN|QH|WF)-\d{2}\b|\b(?:counties|rules|indicators|functions)\.md\b|\bdomain/|rules 第")


def _said(call: ast.Call) -> Iterator[ast.expr]:
    """What a refusal tells people: its sentence, and the reasons at its places."""
    if dotted(call.func) == "wrong":
        yield call.args[1]
    elif dotted(call.func) == "InvalidInput":
        yield from call.args[:1]
        for given in call.keywords:
            if given.arg == "fields" and isinstance(given.value, ast.Dict):
                yield from given.value.values


def _is_given_back(said: ast.expr) -> bool:
    """A word of the code, or a piece of what was typed, in place of a reason."""
    if isinstance(said, ast.Call):
        return dotted(said.func) == "str"
    return isinstance(said, ast.Constant) or (isinstance(said, ast.Subscript) and isinstance(said.slice, ast.Slice))


def test_a_refusal_says_what_is_wrong_not_what_was_given() -> None:
    found = [
        f"{name(path)}:{call.lineno}"
        for path in files()
        for call in ast.walk(tree(path))
        if isinstance(call, ast.Call) and any(map(_is_given_back, _said(call)))
    ]
    assert found == []


def test_a_definition_names_a_place_or_a_document_not_a_working_paper() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number} {word}"
        for path in sorted((ROOT / "definitions").rglob("*.toml"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        for word in PAPERS.findall(line)
    ]
    assert found == []
