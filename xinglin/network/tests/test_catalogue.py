"""Every word of the network is in the English catalogue, with the same places to fill."""

import ast
import re
from pathlib import Path

from babel.messages import Message
from babel.messages.pofile import read_po

NETWORK = Path(__file__).parents[1]
PLACES = re.compile(r"%\((\w+)\)[ds]")
CHINESE = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")


def written() -> set[str]:
    """Message ids in templates and in Python."""
    found: set[str] = set()
    for path in (NETWORK / "templates").rglob("*.html"):
        source = path.read_text()
        found |= set(re.findall(r'{%\s*translate\s+"([^"]*)"', source)) | set(re.findall(r'_\("([^"]*)"\)', source))
        for text in re.findall(r"{%\s*blocktranslate[^%]*%}(.*?){%\s*endblocktranslate", source, flags=re.S):
            for form in re.split(r"{%\s*plural\s*%}", text):
                found.add(re.sub(r"{{\s*(\w+)\s*}}", r"%(\1)s", form))
    for path in NETWORK.rglob("*.py"):
        if "tests" in path.parts or "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"_", "gettext_lazy", "say"}:
                found.add(ast.literal_eval(node.args[0]))
    return found


def forms_of(message: Message) -> list[tuple[str, str]]:
    """Its forms by number, of one form or of several: what is written, and in English."""
    if isinstance(message.id, str):
        return [(message.id, str(message.string))]
    return list(zip(message.id, message.string, strict=True))


def test_the_english_catalogue_is_complete() -> None:
    with (NETWORK / "locale/en/LC_MESSAGES/django.po").open("rb") as file:
        catalogue = {one: said for message in read_po(file) if message.id for one, said in forms_of(message)}

    assert written() - set(catalogue) == set()
    assert set(catalogue) - written() == set()
    for key, text in catalogue.items():
        assert text.strip(), key
        assert set(PLACES.findall(text)) == set(PLACES.findall(key)), key


def test_no_chinese_stands_in_a_template_outside_a_message() -> None:
    for path in (NETWORK / "templates").rglob("*.html"):
        source = re.sub(r"{%\s*blocktranslate.*?endblocktranslate\s*%}", "", path.read_text(), flags=re.S)
        source = re.sub(r'{%\s*translate\s+"[^"]*"[^%]*%}|_\("[^"]*"\)', "", source)
        left = set(re.findall(r"[\u4e00-\u9fff]+", source))
        assert left == set(), path.name
