"""The app's shell, its worker and manifest, and the two questions a telephone asks outside the API."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from xinglin.accounts.api import for_staff
from xinglin.network import api as network
from xinglin.platform import clock
from xinglin.platform.actors import system_actor
from xinglin.pocket import actions, permissions, queries
from xinglin.pocket.actions.devices import digest_of
from xinglin.pocket.states import Status
from xinglin.web.request import Request

#: Everything the app needs without a connection.
FILES = (
    "pocket/advice.js", "pocket/app.js", "pocket/assess.js", "pocket/conditions.js", "pocket/deriving.js", "pocket/drawing.js", "pocket/form.js",
    "pocket/crypto.js", "pocket/outbox.js", "pocket/resident.js", "pocket/setup.js",
    "pocket/store.js", "pocket/sync.js", "pocket/words.js", "pocket/screens.js", "pocket/pocket.css",
    "pocket/icon-192.png", "pocket/icon-512.png", "web/mark.svg",
)  # fmt: skip
MOST_OF_A_QUESTION = 2000
TELEPHONE = system_actor("随访手机")


@require_safe
@for_staff
def shell(request: Request) -> HttpResponse:
    """The page of the app: without data of anybody, the same for everybody."""
    response = render(request, "pocket/app.html", {"version": shell_version()})
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker with the list of the shell's files; it may work under ``/pocket/`` and nowhere else."""
    listed = json.dumps(
        {"version": shell_version(), "page": reverse("pocket:app"), "files": [static(name) for name in FILES]}
    )
    response = HttpResponse(
        f"const SHELL = {listed};\n{_text('pocket/worker.js')}", content_type="text/javascript; charset=utf-8"
    )
    response["Service-Worker-Allowed"] = reverse("pocket:app")
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What a telephone needs to install the app."""
    described = {
        "name": _("杏林随身随访"), "short_name": _("随身随访"), "start_url": reverse("pocket:app"), "scope": reverse("pocket:app"),
        "display": "standalone", "background_color": "#f7f6f1", "theme_color": "#0f5c55",
        "icons": [
            {"src": static(f"pocket/icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": "any"}
            for size in (192, 512)
        ],
    }  # fmt: skip
    return JsonResponse(described, content_type="application/manifest+json")


@require_safe
def session(request: Request) -> HttpResponse:
    """Who is signed in in this browser, and the token that its writes need."""
    actor = request.actor
    if not actor.is_known:
        return JsonResponse({"code": "not-signed-in", "message": _("请先登录。")}, status=401)
    return JsonResponse({
        "csrf": get_token(request), "name": actor.name, "user": actor.user_id,
        "facility": network.facility_names([actor.place]).get(actor.place or 0, ""),
        "may_register": permissions.may_register(actor).allowed,
    })  # fmt: skip


@csrf_exempt
@require_POST
def contact(request: HttpRequest) -> HttpResponse:
    """Whether the telephone that knows this key must erase itself; with ``erased`` it says that it has.

    Nobody need be signed in: whoever found a lost telephone will not sign in first. The key opens nothing else.
    """
    said = _question(request)
    device = queries.device_by_key(said["device"], digest_of(said["key"])) if said else None
    if device is None:
        return JsonResponse({"code": "not-found", "message": _("没有登记这台手机。")}, status=404)
    at = clock.now()
    if said.get("erased") is True:
        device = actions.confirm_wiped(device=device, by=TELEPHONE, at=at)
    actions.note_seen(device=device, at=at)
    state = {Status.WIPING: "erase", Status.WIPED: "erased", Status.ENDED: "ended"}.get(Status(device.status), "ok")
    return JsonResponse({"state": state, "at": at})


def _question(request: HttpRequest) -> dict[str, Any]:
    from uuid import UUID  # noqa: PLC0415 - only here a uuid is read by hand

    try:
        said = json.loads(request.body[:MOST_OF_A_QUESTION])
        return {**said, "device": UUID(str(said["device"])), "key": str(said["key"])}
    except (ValueError, KeyError, TypeError):
        return {}


@lru_cache(maxsize=1)
def shell_version() -> str:
    """A name for the shell as it is: another when any of its files is."""
    digest = hashlib.sha256()
    for name in (*FILES, "pocket/worker.js"):
        path = finders.find(name)
        digest.update(Path(path).read_bytes() if path else b"")
    return digest.hexdigest()[:12]


def _text(name: str) -> str:
    path = finders.find(name)
    assert path is not None, f"the app lacks {name}"
    return Path(path).read_text(encoding="utf-8")
