"""Each role that works at a desk of its own finds it on the first page."""

from django.test import Client
from django.urls import reverse

from tests.factories.accounts import sign_in
from tests.factories.consultations import desk_of
from tests.factories.county import County
from tests.factories.pathology import pan


def shown(county: County, user) -> str:
    return sign_in(Client(), user).get("/").content.decode()


def test_desk_and_bench_stand_on_the_first_page(county: County):
    pan(county)
    assert f'href="{reverse("pathology:bench")}"' in shown(county, county.users["pan"])
    desk = desk_of(county)
    user = next(each for each in county.users.values() if each.pk == desk.user_id)
    assert f'href="{reverse("consultations:desk")}"' in shown(county, user)
