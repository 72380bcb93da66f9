"""What components promise: refusals are explained, forms carry their keys, nothing unescaped passes through."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.template import engines
from django.test import RequestFactory
from django_cotton.compiler_regex import CottonCompiler

from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import ALLOWED, refused
from xinglin.platform.paging import Page

pytestmark = pytest.mark.urls("xinglin.web.tests.urls")


def draw(source: str, path: str = "/list/?q=a", **context: Any) -> str:
    request = RequestFactory().get(path)
    request.actor = Actor(kind="anonymous")
    return engines["django"].from_string(CottonCompiler().process(source)).render(context, request)


def test_an_allowed_action_is_a_form_with_csrf_token_and_idempotency_key() -> None:
    html = draw('<c-action-button url="/accept/" :decision="decision" label="go" />', decision=ALLOWED)

    assert '<form class="action" method="post" action="/accept/"' in html
    assert "csrfmiddlewaretoken" in html
    assert re.search(r'name="idempotency_key" value="[0-9a-f-]{36}"', html)


def test_a_refused_action_is_a_disabled_button_with_its_reason() -> None:
    html = draw(
        '<c-action-button url="/accept/" :decision="decision" label="go" />', decision=refused("no", "not yours")
    )

    assert "<form" not in html
    assert 'aria-disabled="true"' in html
    assert "not yours" in html


def test_two_forms_never_share_an_idempotency_key() -> None:
    html = draw('<c-form action="/a/"></c-form><c-form action="/b/"></c-form>')

    assert len(set(re.findall(r'name="idempotency_key" value="([^"]+)"', html))) == 2


def test_a_form_with_a_target_posts_by_htmx_and_still_works_without() -> None:
    html = draw('<c-form action="/a/" target="#x" id="f"></c-form>')

    assert 'method="post" action="/a/"' in html
    assert 'hx-post="/a/" hx-target="#x"' in html
    assert 'id="f"' in html


def test_attributes_that_pass_through_are_escaped() -> None:
    html = draw('<c-button label="x" :data-note="note" />', note='"><script>alert(1)</script>')

    assert "<script>" not in html


def test_texts_are_escaped_once() -> None:
    html = draw('<c-pill label="{{ word }}" /><c-page-header :title="word" />', word="a<b & c")

    assert html.count("a&lt;b &amp; c") == 2
    assert "&amp;lt;" not in html


def test_outer_names_do_not_leak_into_components() -> None:
    html = draw(
        "<c-card><c-notice>text</c-notice></c-card>", title="LEAK", actions="LEAK", icon="x", error="LEAK", href="LEAK"
    )

    assert "LEAK" not in html


def test_missing_is_never_zero() -> None:
    html = draw('<c-stat-tile label="a" :value="none" /><c-stat-tile label="b" :value="zero" />', none=None, zero=0)

    assert html.count("stat-none") == 1
    assert re.search(r'stat-figure">\s*0', html)


def test_numbers_in_inputs_have_no_separators() -> None:
    html = draw('<c-number-field name="n" label="n" :value="n" /><c-input name="m" label="m" :value="n" />', n=12345)

    assert html.count('value="12345"') == 2


def test_a_known_allergy_an_unknown_one_and_none_are_three_things() -> None:
    known = draw('<c-person-banner :person="p" />', p={"name": "甲", "allergies": ["乙"]})
    unknown = draw('<c-person-banner :person="p" />', p={"name": "甲", "allergies": None})
    none = draw('<c-person-banner :person="p" />', p={"name": "甲", "allergies": []})

    assert 'data-tone="critical"' in known
    assert "乙" in known
    assert 'data-tone="warning"' in unknown
    assert 'data-tone="neutral"' in none


def test_the_pager_keeps_the_other_parameters() -> None:
    html = draw(
        '<c-pager :page="page" />', path="/list/?q=a&cursor=old", page=Page(rows=[1], next_cursor="new", is_first=False)
    )

    assert 'href="?q=a"' in html
    assert 'href="?q=a&amp;cursor=new"' in html


def test_the_pager_draws_nothing_for_a_single_page() -> None:
    assert "<nav" not in draw('<c-pager :page="page" />', page=Page(rows=[]))


def test_a_field_ties_error_help_and_label_to_its_control() -> None:
    html = draw('<c-input name="phone" label="电话" error="太短" required />')

    assert 'for="id_phone"' in html
    assert 'aria-describedby="id_phone-error"' in html
    assert 'id="id_phone-error"' in html
    assert 'aria-invalid="true"' in html


def test_choices_mark_what_was_chosen_whatever_its_type() -> None:
    html = draw(
        '<c-choices name="c" label="c" :options="options" :value="value" />',
        options=[(1, "one"), (2, "two")],
        value="2",
    )

    assert re.search(r'value="2" checked', html)
    assert not re.search(r'value="1" checked', html)


def test_a_clock_knows_soon_over_and_done_without_script() -> None:
    now = datetime.now(UTC)
    soon = draw('<c-countdown :due="due" warn="15" />', due=now + timedelta(minutes=5))
    over = draw('<c-countdown :due="due" />', due=now - timedelta(minutes=5))
    in_time = draw(
        '<c-countdown :due="due" :done="done" />', due=now - timedelta(minutes=5), done=now - timedelta(minutes=9)
    )

    assert 'data-state="soon"' in soon
    assert 'data-state="over"' in over
    assert 'data-state="calm"' in in_time
    assert "data-due" not in in_time


@pytest.mark.parametrize(("days", "state"), [(-1, "over"), (0, "soon"), (1, "calm")])
def test_a_day_is_over_when_the_next_begins(days: int, state: str) -> None:
    html = draw('<c-due-day :on="day" />', day=clock.today() + timedelta(days=days))

    assert f'data-state="{state}"' in html


def test_chart_data_cannot_close_its_script() -> None:
    html = draw('<c-chart id="c" :option="option" label="c" />', option={"title": "</script><script>alert(1)"})

    assert "</script><script>alert" not in html
