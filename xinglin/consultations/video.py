"""Where a case meets on video: nowhere, at a link the desk typed, or in a room of the county's own server.

Nothing is embedded: the page opens the address in a new tab. The room's name is random, so that nobody guesses it; with
``XINGLIN_VIDEO_SECRET`` set, a signed token (RFC 7519, HS256) lets only who was given it enter.
"""

import base64
import hashlib
import hmac
import json
import secrets
from datetime import datetime, timedelta
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from xinglin.consultations.models import Case
from xinglin.platform import definitions
from xinglin.platform.errors import InvalidInput

#: A token lets in for so long.
TOKEN_LASTS = timedelta(hours=4)


def new_room() -> str:
    """A name nobody guesses: 160 random bits."""
    return f"xinglin-{secrets.token_hex(20)}"


def provider() -> str:
    """``none``, ``link`` or ``jitsi``, as the county has it."""
    return str(definitions.one("consultation-video", "provider").content["kind"])


def address_of(case: Case, *, name: str, at: datetime) -> str:
    """Where somebody called `name` joins the case; empty when there is no video (yet)."""
    content = definitions.one("consultation-video", "provider").content
    if content["kind"] == "link":
        return case.video_url
    if content["kind"] != "jitsi" or not content["base_url"]:
        return ""
    base = content["base_url"].rstrip("/")
    secret = settings.VIDEO_SECRET
    address = f"{base}/{quote(case.room)}"
    if not secret:
        return address
    claims = {
        "aud": content["app_id"], "iss": content["app_id"], "sub": urlsplit(base).hostname, "room": case.room,
        "nbf": int(at.timestamp()) - 60, "exp": int((at + TOKEN_LASTS).timestamp()), "context": {"user": {"name": name}},
    }  # fmt: skip
    return f"{address}?jwt={signed(claims, secret.encode())}"


def signed(claims: dict[str, object], secret: bytes) -> str:
    """Claims as a compact JSON Web Token, signed by HMAC with SHA-256."""
    head = _coded(json.dumps({"alg": "HS256", "typ": "JWT"}, separators=(",", ":")).encode())
    body = _coded(json.dumps(claims, separators=(",", ":"), ensure_ascii=False).encode())
    return f"{head}.{body}.{signature_of(f'{head}.{body}', secret)}"


def signature_of(content: str, secret: bytes) -> str:
    """The HS256 signature of RFC 7515 over what is signed."""
    return _coded(hmac.new(secret, content.encode(), hashlib.sha256).digest())


def _coded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def checked_link(text: str) -> str:
    """A link the desk typed: https, of a host, no longer than 300 letters. :raises InvalidInput: it is none"""
    text = text.strip()
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if text and (parts.scheme != "https" or not parts.hostname or len(text) > 300 or "\x00" in text):
        raise InvalidInput(
            _("会议链接应以 https:// 开头。"), fields={"video_url": _("请粘贴完整的 https 链接。")}, code="video-link"
        )
    return text
