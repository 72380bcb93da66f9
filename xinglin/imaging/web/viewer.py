"""The viewer's page and files. Only here the content policy allows what it needs: WebAssembly, workers made from blobs,
styles set by script. Nothing is fetched from elsewhere."""

import mimetypes
from pathlib import Path

from csp.decorators import csp_replace
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import http_date
from django.views.decorators.http import require_GET

from xinglin.accounts.api import signed_in
from xinglin.imaging import viewer
from xinglin.platform.errors import NotVisible
from xinglin.web.request import Request

POLICY = {
    "default-src": ["'none'"],
    "script-src": ["'self'", "'wasm-unsafe-eval'", "blob:"],
    "worker-src": ["'self'", "blob:"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:", "blob:"],
    "font-src": ["'self'", "data:"],
    "connect-src": ["'self'", "blob:", "data:"],
    "form-action": ["'none'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
}


@require_GET
@csp_replace(POLICY)
@signed_in
def page(request: Request, path: str = "") -> HttpResponse:
    """The viewer. Which study it shows stands in its address; what it may read, DICOMweb decides."""
    script, style = viewer.entry()
    response = render(request, "imaging/viewer.html", {"script": script, "style": style, "prefix": viewer.PREFIX})
    response["Cache-Control"] = "no-store"
    return response


@require_GET
@csp_replace(POLICY)  # type: ignore[arg-type] # its types know only views without arguments
def file(request: HttpRequest, name: str) -> FileResponse:
    """One of the viewer's files: the same for everybody. :raises NotVisible: there is none of that name"""
    root = viewer.folder()
    path = (root / name).resolve()
    if not path.is_relative_to(root.resolve()) or not path.is_file():
        raise NotVisible("imaging.viewer", name[:80])
    kind = "application/wasm" if path.suffix == ".wasm" else mimetypes.guess_type(path.name)[0]
    packed = path.with_name(path.name + ".gz")
    zipped = packed.is_file() and "gzip" in request.headers.get("Accept-Encoding", "")
    response = FileResponse((packed if zipped else path).open("rb"), content_type=kind or "application/octet-stream")
    if zipped:
        response["Content-Encoding"] = "gzip"
    response["Vary"] = "Accept-Encoding"
    response["Last-Modified"] = http_date(Path(path).stat().st_mtime)
    response["Cache-Control"] = "public, max-age=86400"
    return response
