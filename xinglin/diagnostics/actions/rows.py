"""Rows as an action needs them: locked, so that two actions on one object come one after the other."""

from xinglin.diagnostics.models import CriticalValue, Request


def locked_request(request: Request) -> Request:
    """The request as it is now; others wait until this transaction ends."""
    return Request.objects.select_for_update(of=("self",)).select_related("centre", "resident").get(pk=request.pk)


def locked_critical(critical: CriticalValue) -> CriticalValue:
    """The critical value as it is now. Its request is locked first, as the actions on reports do."""
    request = locked_request(Request(pk=critical.request_id))
    fresh = CriticalValue.objects.select_for_update(of=("self",)).get(pk=critical.pk)
    fresh.request = request
    return fresh
