"""Every component is shown in the gallery and described, and nothing on the page breaks the content policy."""

import re
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from xinglin.platform.actors import Actor
from xinglin.web import gallery

WEB = Path(__file__).parents[1]
SECTIONS = WEB / "templates" / "web"
IN_TEMPLATES = "\n".join(path.read_text() for path in (WEB / "templates").rglob("*.html"))
pytestmark = pytest.mark.urls("xinglin.web.tests.urls")
WRITTEN = sorted((WEB / "templates").rglob("*.html"))


@pytest.fixture
def page() -> str:
    request = RequestFactory().get("/ui/")
    request.actor = Actor(kind="anonymous")
    return render_to_string("web/gallery.html", gallery.content(), request)


@pytest.mark.parametrize("name", gallery.component_names())
def test_each_component_is_shown_in_the_gallery(name: str) -> None:
    gallery_source = "\n".join(path.read_text() for path in (SECTIONS / "gallery").glob("*.html"))

    assert re.search(rf"<c-{name}[\s/>]", gallery_source)


@pytest.mark.parametrize("name", gallery.component_names())
def test_each_component_says_how_it_is_written(name: str) -> None:
    text = gallery.usage(name)

    assert text.splitlines()[0].endswith((".", ".)")) or "." in text.splitlines()[0]
    assert f"<c-{name}" in text


@pytest.mark.parametrize("name", gallery.component_names())
def test_each_component_is_on_the_page_for_builders(name: str) -> None:
    assert f"`<c-{name}>`" in (WEB / "README.md").read_text()


@pytest.mark.parametrize("name", gallery.component_names())
def test_each_component_declares_what_it_reads_so_that_nothing_leaks_in(name: str) -> None:
    source = (gallery.COMPONENTS / f"{name.replace('-', '_')}.html").read_text()
    body = source.split("{% endcomment %}", 1)[1]
    declared = set(re.findall(r"[\s:]([a-z_0-9]+)=", body.split("<c-vars", 1)[1].split("/>", 1)[0]))
    local = set(re.findall(r"{% for ([a-z_, ]+) in", body))
    local |= set(re.findall(r"(?:with|as) ([a-z_0-9]+)(?:=| %})", body))
    local = {word.strip() for group in local for word in group.split(",")}
    known = declared | local | {"slot", "attrs", "forloop", "urls", "first", "older", "newer"}
    read = {word.split(".")[0].split("|")[0] for word in re.findall(r"{{ ([a-z_0-9.|]+)", body)}
    read |= set(re.findall(r"{% (?:if|elif) (?:not )?([a-z_0-9]+)", body))

    assert read <= known


def test_the_gallery_has_no_inline_style_no_inline_script_and_no_outside_address(page: str) -> None:
    assert not re.search(r"<[^>]+\sstyle\s*=", page)
    assert not re.search(r"<[^>]+\son[a-z]+\s*=", page)
    for attributes, body in re.findall(r"<script([^>]*)>(.*?)</script>", page, re.S):
        assert 'src="/static/' in attributes or "application/json" in attributes, body[:80]
    assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page)


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: str(path.relative_to(WEB)))
def test_no_template_writes_an_inline_style_or_handler(path: Path) -> None:
    source = path.read_text()

    assert not re.search(r"\sstyle=", source)
    assert not re.search(r"\son(?:click|change|submit|input|load|error)=", source)


def test_every_icon_that_is_named_is_in_the_sprite(page: str) -> None:
    drawn = set(gallery.icon_names())

    assert set(re.findall(r"icons[^\"#]*\.svg#([a-z0-9-]+)", page)) <= drawn
    assert set(re.findall(r'{% icon "([a-z0-9-]+)"', IN_TEMPLATES)) <= drawn


def test_ids_on_the_gallery_are_unique(page: str) -> None:
    ids = re.findall(r'\sid="([^"]+)"', page)

    assert sorted(ids) == sorted(set(ids))


def test_each_control_of_the_gallery_has_a_label(page: str) -> None:
    labelled = set(re.findall(r'<label[^>]*\sfor="([^"]+)"', page))
    for tag in re.findall(r"<(?:input|select|textarea)\b[^>]*>", page):
        if re.search(r'type="(?:hidden|radio|checkbox|file|search)"', tag) or "aria-label=" in tag:
            continue
        found = re.search(r'\sid="([^"]+)"', tag)
        assert found, tag
        assert found[1] in labelled, tag


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("status", gallery.ERRORS)
def test_error_pages_render_from_nothing_in_both_languages(status: str, language: str) -> None:
    with translation.override(language):
        whole = render_to_string(f"errors/{status}.html", {})
        part = render_to_string(f"errors/{status}.html#message", {"status": status, "message": "<b>x</b>"})

    assert f'lang="{language}"' in whole
    assert "data-problem=" in part
    assert "&lt;b&gt;x" in part
    assert "<html" not in part
