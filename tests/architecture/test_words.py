"""One Chinese text has one English: all catalogues are one when a page is drawn, and the last would win."""

from collections import defaultdict

from babel.messages.pofile import read_po

from tests.architecture.source import PACKAGE


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
