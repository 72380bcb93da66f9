"""Rows as an action needs them: locked, so that two actions on one object come one after the other."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics import api as diagnostics
from xinglin.laboratory import queries
from xinglin.laboratory.models import Shipment, Specimen
from xinglin.platform.errors import Conflict, InvalidInput


def locked_request(request_id: int) -> Any:
    """The request as it is now. Always locked first, before its specimens and results."""
    return (
        diagnostics.Request.objects.select_for_update(of=("self",))
        .select_related("centre", "resident")
        .get(pk=request_id)
    )


def locked_specimen(specimen: Specimen) -> Specimen:
    """The specimen as it is now; its request is locked first."""
    request = locked_request(specimen.request_id)
    fresh = Specimen.objects.select_for_update(of=("self",)).select_related("centre", "shipment").get(pk=specimen.pk)
    fresh.request = request
    return fresh


def locked_shipment(shipment: Shipment) -> Shipment:
    """The box as it is now."""
    return Shipment.objects.select_for_update(of=("self",)).select_related("centre").get(pk=shipment.pk)


def require_seen(request: Any, seen: str) -> None:
    """What was decided on must be what is kept now: `seen` is the token of the results that were shown, empty when the
    caller does not say. Ask it of a locked request. :raises Conflict: a result came or changed (``results-changed``)
    """
    if seen and seen != queries.seen_token(request):
        raise Conflict(_("您打开页面之后，结果有了变化，请核对后再提交。没有保存任何内容。"), code="results-changed")


def trimmed(text: str, field: str, *, most: int, least: int = 0) -> str:
    """A text without space around it. :raises InvalidInput: too short, too long, or with a NUL character"""
    text = text.strip()
    if "\x00" in text:
        raise InvalidInput(_("含有不能保存的字符。"), fields={field: _("含有不能保存的字符。")})
    if len(text) < least:
        raise InvalidInput(_("有内容没有填写完整。"), fields={field: _("请填写。")})
    if len(text) > most:
        raise InvalidInput(_("内容太长。"), fields={field: _("最多 %(most)d 个字。") % {"most": most}})
    return text
