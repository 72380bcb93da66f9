"""A percent sign in the text of a template is doubled in the catalogue; a msgid with a single one is never found."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2] / "xinglin"


def test_texts_of_templates_with_a_percent_sign_are_found_in_the_catalogues():
    texts = {
        text
        for path in ROOT.rglob("templates/**/*.html")
        for text in re.findall(r'\{% translate "([^"]*%[^"]*)"', path.read_text())
    }
    catalogues = "".join(path.read_text() for path in ROOT.rglob("locale/en/LC_MESSAGES/django.po"))
    assert texts
    assert not [text for text in texts if f'msgid "{text.replace("%", "%%")}"' not in catalogues]
