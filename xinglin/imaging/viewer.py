"""The OHIF viewer: built files of the npm package, prepared once for being served below ``/viewer/``.

The package is built for the root of a site; the places that say so, in a script and in the style sheet, are changed here, and what is not needed stays
behind: source maps, models of segmentation, the microscopy viewer, scripts that would be fetched from elsewhere.
"""

import gzip
import os
import re
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path

from django.conf import settings

PACKAGE = Path(settings.BASE_DIR) / "node_modules" / "@ohif" / "app"
PREFIX = "/viewer/"
_LEFT_OUT = re.compile(r"\.map$|^ort/|^dicom-microscopy-viewer/|^(sw|google|polyfill\.min|es6-shim\.min|oidc-client\.min)\.js$|"
                       r"^(index|silent-refresh)\.html$|^(_headers|_redirects|serve\.json|app-config\.js|manifest\.json|init-service-worker\.js)$")  # fmt: skip
#: Of the way files are prepared; counts up when it changes, so that what was prepared otherwise is left.
_EDITION = 2
_PUBLIC_PATH = b'__webpack_require__.p = "/"'
_GZIPPED = {".js", ".css", ".wasm", ".svg"}


@lru_cache(maxsize=1)
def folder() -> Path:
    """Where the prepared files lie; prepares them when this version is not there yet.

    :raises FileNotFoundError: the front-end assets are not installed
    """
    version = re.search(r'"version":\s*"([^"]+)"', (PACKAGE / "package.json").read_text())
    assert version
    target = Path(settings.HOME) / "viewer" / f"{version[1]}-{_EDITION}"
    if not target.is_dir():
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=target.parent))
        _prepare(draft)
        try:
            os.rename(draft, target)  # noqa: PTH104 - fails when another process was first: then theirs is as good
        except OSError:
            shutil.rmtree(draft)
    return target


def entry() -> tuple[str, str]:
    """Names of the script and the style sheet a page begins with."""
    script = next(path.name for path in folder().glob("app.bundle.*.js"))
    return script, "app.bundle.css"


def _prepare(draft: Path) -> None:
    built = PACKAGE / "dist"
    for path in built.rglob("*"):
        name = path.relative_to(built).as_posix()
        if not path.is_file() or _LEFT_OUT.search(name):
            continue
        content = path.read_bytes()
        if path.suffix == ".js":
            content = content.replace(_PUBLIC_PATH, _PUBLIC_PATH.replace(b'"/"', b'"' + PREFIX.encode() + b'"'))
        if path.suffix == ".css":
            content = content.replace(b"url(/", b"url(" + PREFIX.encode())
        target = draft / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        if path.suffix in _GZIPPED:
            target.with_name(target.name + ".gz").write_bytes(gzip.compress(content, 6, mtime=0))
