"""Every word of this layer is in the English catalogue, with the same places to fill."""

import ast
import re
from pathlib import Path

from babel.messages.pofile import read_po

WEB = Path(__file__).parents[1]
PLACES = re.compile(r"%\((\w+)\)0?\d?[ds]")


def written() -> set[str]:
    """Message ids in templates and in Python."""
    found: set[str] = set()
    for path in (WEB / "templates").rglob("*.html"):
        source = re.sub(r"{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.S)
        said = re.findall(r"""{%\s*translate\s+(?:"([^"]*)"|'([^']*)')""", source)
        found |= {(a or b).replace("%", "%%") for a, b in said}  # as Django looks them up
        found |= set(re.findall(r'_\("([^"]*)"\)', source))
    for path in WEB.rglob("*.py"):
        if "tests" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"_", "gettext_lazy", "ngettext"}:
                found.add(ast.literal_eval(node.args[0]))
    return found


def test_the_english_catalogue_is_complete() -> None:
    with (WEB / "locale/en/LC_MESSAGES/django.po").open("rb") as file:
        catalogue = {
            (message.id if isinstance(message.id, str) else message.id[0]): message
            for message in read_po(file)
            if message.id
        }

    assert written() - set(catalogue) == set()
    for key, message in catalogue.items():
        for text in [message.string] if isinstance(message.string, str) else message.string:
            assert text.strip(), key
            assert set(PLACES.findall(text)) == set(PLACES.findall(key)), key
