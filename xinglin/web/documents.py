"""PDF documents. Values reach the template as JSON data, never as text put into its source."""

import io
import json
import tempfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import noto_cjk_sans_otc
import segno
import typst
from django.http import HttpResponse
from django.template.utils import get_app_template_dirs

#: Put before every document: fonts, page, and ``data``.
PRELUDE = """
#let data = json("data.json")
#set text(font: "Noto Sans CJK SC", lang: data.at("language", default: "zh"), size: 9.5pt)
#set par(justify: false, leading: 0.6em)
"""


Form = Literal["pdf", "png"]


@lru_cache(maxsize=1)
def _font_paths() -> list[str]:
    return [str(Path(noto_cjk_sans_otc.__file__).parent)]


def render(
    source: str,
    data: Mapping[str, Any],
    *,
    images: Mapping[str, bytes] | None = None,
    form: Form = "pdf",
) -> bytes:
    """Typeset `source` (typst) with `data` (JSON-able; reached as ``data.…``) and `images` (by file name).

    `form` is ``pdf``, or ``png`` for a look at the first page.
    """
    with tempfile.TemporaryDirectory(prefix="xinglin-document-") as name:
        folder = Path(name)
        (folder / "data.json").write_text(json.dumps(data, ensure_ascii=False, default=str), encoding="utf-8")
        for file_name, content in (images or {}).items():
            (folder / Path(file_name).name).write_bytes(content)
        main = folder / "main.typ"
        main.write_text(PRELUDE + source, encoding="utf-8")
        pages: bytes | list[bytes] | None = typst.compile(
            str(main), root=str(folder), font_paths=_font_paths(), ignore_system_fonts=True, format=form, ppi=110
        )
    assert pages is not None, "no file was named to write to"
    return pages[0] if isinstance(pages, list) else pages


def source_of(template: str) -> str:
    """The typst source in an application's template folder, untouched by the template language.

    :raises FileNotFoundError: no application has it
    """
    for folder in get_app_template_dirs("templates"):
        path = Path(folder) / template
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise FileNotFoundError(template)


def qr_svg(text: str) -> bytes:
    """A QR code as SVG."""
    out = io.BytesIO()
    segno.make(text, error="m").save(out, kind="svg", border=1, scale=4)
    return out.getvalue()


#: The answer of an operation in the OpenAPI file: ``openapi_extra=PDF``, with ``response=ERRORS``.
PDF: dict[str, Any] = {
    "responses": {
        200: {"description": "PDF", "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
    }
}


def pdf_response(content: bytes, name: str) -> HttpResponse:
    """A PDF shown in the browser and never cached; `name` is a number, not a person's name."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response["Cache-Control"] = "no-store"
    return response
