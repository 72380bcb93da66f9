"""One submission sent to its server: at most once accepted, whatever happens in between."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict
from xinglin.submissions import actions, forms, permissions, policies, queries
from xinglin.submissions.data import Answer, Outcome
from xinglin.submissions.delivering import send, server_of
from xinglin.submissions.formats.dhis2 import address_of
from xinglin.submissions.models import Delivery, Submission


def deliver(submission: Submission, *, by: Actor, at: datetime) -> Delivery:
    """Send a confirmed submission and keep what came of it. The network is asked outside any transaction.

    :raises NotPermitted: no right. :raises Conflict: it is not confirmed, facts that came late changed a figure, or its form
    has no server
    """
    permissions.may_send(by, submission).require()
    policies.says_what_facts_say(len(queries.late_changes(submission, at=at))).require()
    form = forms.found(submission.form)
    destination = queries.destination_of(form)
    if destination is None or not form.format.startswith("dhis2"):
        raise Conflict(_("这张表没有设置可发送的接收系统，请下载后报出。"), code="no-destination")
    content = queries.content_of(submission)
    assert submission.file is not None
    sha256 = submission.file.sha256
    if queries.was_accepted(destination, sha256):
        answer = Answer(Outcome.KNOWN)
    else:
        media_type = "application/json" if form.format == "dhis2-json" else "application/csv"
        server = server_of(destination.address, destination.username, destination.secret or "")
        answer = send(server, address_of(form), content, media_type=media_type)
    return actions.record_delivery(
        submission=submission, destination=destination, sha256=sha256, answer=answer, by=by, at=at
    )
