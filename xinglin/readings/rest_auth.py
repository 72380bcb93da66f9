"""How a device says who it is: a signed request (see `signing`)."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja.security import APIKeyHeader

from xinglin.platform import clock
from xinglin.platform.errors import NotSignedIn, TooLarge
from xinglin.readings import queries, rules, signing
from xinglin.readings.data import Signed

MOST_BYTES = 512 * 1024
LATEST_MS = 4_102_444_800_000  # the year 2100


class DeviceSignature(APIKeyHeader):
    """``X-Device`` (its uuid), ``X-Device-Time`` (milliseconds since 1970) and ``X-Device-Signature``
    (``sha256=`` or ``sm3=`` and the HMAC in hexadecimal digits). Not a person's token.
    """

    param_name = "X-Device"

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        """The device. :raises NotSignedIn: unknown, without a key, a wrong signature, or a clock too far away"""
        milliseconds = _milliseconds(request.headers.get("X-Device-Time", ""))
        try:
            device = queries.device_that_speaks(UUID(key or ""))
        except ValueError:
            device = None
        if device is None or milliseconds is None:
            raise _unknown()
        if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
            raise TooLarge(_("一次最多 512 KB。"))
        message = signing.text(request.method or "", request.path, milliseconds, request.body)
        if not signing.holds(bytes(device.signing_key), message, request.headers.get("X-Device-Signature", "")):
            raise _unknown()
        now = clock.now()
        signed_at = datetime.fromtimestamp(milliseconds / 1000, UTC)
        if abs(now - signed_at) > timedelta(seconds=rules.limit("clock_seconds")):
            raise NotSignedIn(
                _("设备时钟与平台相差过大，现在是 %(now)s。") % {"now": now.isoformat()}, code="device-clock"
            )
        request.signed = Signed(signed_at, milliseconds)  # type: ignore[attr-defined]
        return device


def _unknown() -> NotSignedIn:
    """One answer for an unknown device and a wrong signature: a stranger cannot tell them apart."""
    return NotSignedIn(_("设备未登记、没有有效的密钥，或签名不对。"), code="device-unknown")


def _milliseconds(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 13 and int(text) < LATEST_MS else None
