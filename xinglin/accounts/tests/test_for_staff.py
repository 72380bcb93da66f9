"""Pages of work are closed to a resident, whose account shows his own record."""

import pytest
from django.test import Client

from tests.factories.accounts import a_grant, a_user, sign_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path",
    [
        "/recognition/decisions/", "/centres/cases/", "/visits/", "/diagnostics/criticals/", "/diagnostics/sent/",
        "/followups/", "/referrals/", "/referrals/sent/",
    ],
)  # fmt: skip
def test_a_resident_is_refused_on_the_lists_of_staff(path: str):
    user = a_user()
    a_grant(user, "resident")
    client = sign_in(Client(), user)

    assert client.get(path).status_code == 403
    assert client.get("/")["Location"] == "/residents/me/"
