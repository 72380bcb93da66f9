"""Every word of residents is in the English catalogue, with the same places to fill."""

import ast
import re
from pathlib import Path

from babel.messages.pofile import read_po

from xinglin.residents.models import Resident

HERE = Path(__file__).parents[1]
PLACES = re.compile(r"%\((\w+)\)s")


def written() -> set[str]:
    """Message ids in templates, in Python and in choices."""
    found = {
        str(label)
        for kind in (Resident.Sex, Resident.IdKind, Resident.Status, Resident.Insurance)
        for label in kind.labels
    }
    for path in (HERE / "templates").rglob("*.html"):
        source = re.sub(r"{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.S)
        found |= set(re.findall(r'{%\s*translate\s+"([^"]*)"', source))
        blocks = re.findall(r"{%\s*blocktranslate[^%]*%}(.*?){%\s*endblocktranslate", source, flags=re.S)
        found |= {re.sub(r"{{ (\w+) }}", r"%(\1)s", block) for block in blocks}
    for path in HERE.rglob("*.py"):
        if {"tests", "migrations"} & set(path.parts):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", "") == "_"
                and isinstance(node.args[0], ast.Constant)
            ):
                found.add(node.args[0].value)
    return found


def test_the_english_catalogue_is_complete() -> None:
    with (HERE / "locale/en/LC_MESSAGES/django.po").open("rb") as file:
        catalogue = {message.id: message.string for message in read_po(file) if message.id}

    assert written() - set(catalogue) == set()
    for key, text in catalogue.items():
        assert text.strip(), key
        assert set(PLACES.findall(text)) == set(PLACES.findall(key)), key
