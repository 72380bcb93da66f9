"""The page of the devices: which may speak to us, when they last did, and what was not taken in."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from xinglin.accounts.api import signed_in
from xinglin.imaging import actions, outside, permissions, queries
from xinglin.imaging.listening import status
from xinglin.network import api as network
from xinglin.platform import clock
from xinglin.platform.errors import DomainError, InvalidInput, NotVisible
from xinglin.web.answers import fields_of, page, write_once
from xinglin.web.request import Request


@require_http_methods(["GET", "POST"])
@signed_in
def devices(request: Request) -> HttpResponse:
    """The list and the form that admits another one."""
    permissions.may_manage_devices(request.actor).require()
    if request.method == "GET":
        return _shown(request)
    return write_once(
        request, lambda: _admit(request), _("设备已接入。"), again=lambda error: _shown(request, error=error)
    )


def _shown(request: Request, *, error: DomainError | None = None) -> HttpResponse:
    context: dict[str, Any] = {
        "nodes": queries.nodes(), "refusals": queries.newest_refusals(), "listener": status(), "error": error,
        "fields": fields_of(error), "data": request.POST,
        "facilities": network.choices(network.open_facilities()),
    }  # fmt: skip
    to = outside.target()
    if to is not None:
        context |= {"archive": queries.archive_state(), "archive_address": to.address}
    return page(request, "imaging/devices.html", status=error.status if error else 200, **context)


def _admit(request: Request) -> str:
    post = request.POST
    try:
        facility_id = network.facility_by_uuid(UUID(post.get("facility", ""))).id
    except (ValueError, NotVisible) as error:
        raise InvalidInput(_("请选择机构。"), fields={"facility": _("请选择机构。")}) from error
    actions.admit_node(
        ae_title=post.get("ae_title", ""), address=post.get("address", ""), name=post.get("name", ""),
        facility_id=facility_id, by=request.actor, at=clock.now(),
    )  # fmt: skip
    return reverse("imaging:devices")


@require_POST
@signed_in
def close(request: Request, uuid: UUID) -> HttpResponse:
    """Speak no more with a device."""
    permissions.may_manage_devices(request.actor).require()
    node = queries.node_by_uuid(uuid)

    def write() -> str:
        actions.close_node(node=node, by=request.actor, at=clock.now())
        return reverse("imaging:devices")

    return write_once(request, write, _("设备已停用。"))
