"""What is due by a day is counted in days everywhere: on the first page as on the list it leads to."""

from datetime import timedelta

from django.test import Client
from django.urls import reverse

from tests.factories.accounts import sign_in
from tests.factories.county import County
from tests.factories.followups import a_followup
from xinglin.followups.models import FollowUpTask
from xinglin.platform import clock


def test_the_first_page_and_the_list_say_the_same_number_of_days(county: County) -> None:
    now = clock.now()
    task = a_followup(county, at=now)
    FollowUpTask.objects.filter(pk=task.pk).update(due_on=clock.today(now) - timedelta(days=81))
    client = sign_in(Client(), county.users["alma"])

    first, listed = client.get("/").content.decode(), client.get(reverse("followups:list")).content.decode()

    assert "逾期81天" in first
    assert "逾期81天" in listed
    assert "超时" not in first
