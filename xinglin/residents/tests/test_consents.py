"""Consents with their signatures."""

import io
from typing import Any

import pytest
from PIL import Image, ImageDraw, PngImagePlugin

from tests.factories.county import NOW, County, later
from tests.factories.residents import a_resident
from xinglin.platform import files
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted, TooLarge
from xinglin.platform.models import AuditRecord
from xinglin.residents import actions
from xinglin.residents.actions.consents import clean_signature
from xinglin.residents.models import Consent


def a_signature(size: tuple[int, int] = (400, 160), form: str = "PNG", **options: Any) -> bytes:
    picture = Image.new("RGBA", size, (255, 255, 255, 0))
    ImageDraw.Draw(picture).line([(20, 100), (120, 30), (200, 120), (360, 40)], fill=(0, 0, 60, 255), width=4)
    out = io.BytesIO()
    (picture if form == "PNG" else picture.convert("RGB")).save(out, form, **options)
    return out.getvalue()


def _consent(county: County, **changes: Any) -> Consent:
    resident = changes.pop("resident", None) or a_resident(county)
    fields = {
        "resident": resident,
        "kind": "referral",
        "agreed": True,
        "signer_name": "王小麦",
        "signer_relation": "本人",
        "signature_png": a_signature(),
        "explained": "转诊并随转病历资料",
        "by": county.alma,
        "at": NOW,
    }
    return actions.record_consent(**(fields | changes))


def test_a_consent_keeps_who_agreed_and_who_explained(county: County) -> None:
    consent = _consent(county)

    assert (consent.kind, consent.agreed, consent.signer_name, consent.explained_by_name) == (
        "referral",
        True,
        "王小麦",
        "阿尔玛",
    )
    assert consent.signature is not None
    with files.open_file(consent.signature) as file:
        assert Image.open(file).size == (400, 160)
    assert AuditRecord.objects.get(event="resident.consented").subject_uuid == consent.resident.uuid


def test_a_refusal_is_kept_too(county: County) -> None:
    consent = _consent(county, agreed=False, signature_png=None)

    assert not consent.agreed
    with pytest.raises(Conflict):
        actions.withdraw_consent(consent=consent, by=county.alma, at=later(1))


def test_a_consent_is_withdrawn_once(county: County) -> None:
    consent = actions.withdraw_consent(consent=_consent(county), reason="改变主意", by=county.alma, at=later(1))

    assert consent.withdrawn_at == later(1)
    with pytest.raises(Conflict):
        actions.withdraw_consent(consent=consent, by=county.alma, at=later(2))


def test_what_rides_along_in_a_picture_is_not_kept() -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "<script>alert(1)</script>")

    clean = clean_signature(a_signature(pnginfo=notes) + b"trailing<?php evil();")

    assert b"script" not in clean
    assert b"php" not in clean
    assert Image.open(io.BytesIO(clean)).mode == "L"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no picture",
        b"\x89PNG\r\n\x1a\n",
        a_signature()[:300],
        a_signature(form="JPEG"),
        a_signature((2001, 100)),
        a_signature((100, 1001)),
    ],
)
def test_what_is_no_signature_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput) as refusal:
        clean_signature(content)

    assert "signature" in refusal.value.fields


def test_an_empty_pad_is_refused() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (400, 160), (0, 0, 0, 0)).save(out, "PNG")

    with pytest.raises(InvalidInput):
        clean_signature(out.getvalue())


def test_a_picture_of_too_many_bytes_is_refused_unread() -> None:
    with pytest.raises(TooLarge):
        clean_signature(b"\x89PNG\r\n\x1a\n" + b"\x00" * 200_000)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "everything"}, "kind"),
        ({"signer_name": "<b>"}, "signer_name"),
        ({"signer_relation": "x" * 21}, "signer_relation"),
    ],
)
def test_a_wrong_consent_is_refused_by_field(county: County, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        _consent(county, **changes)

    assert field in refusal.value.fields
    assert not Consent.objects.exists()


def test_a_neighbour_takes_no_consent(county: County) -> None:
    with pytest.raises(NotPermitted):
        _consent(county, by=county.sib)
