"""What a resident agreed to, with his signature."""

import dataclasses
import io
import warnings
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from PIL import Image, UnidentifiedImageError

from xinglin.platform import files
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput, TooLarge
from xinglin.platform.models import StoredFile
from xinglin.platform.outbox import announce
from xinglin.residents import names, permissions, policies
from xinglin.residents.data import ON_PAPER, ConsentGiven
from xinglin.residents.events import Event
from xinglin.residents.fields import one_line
from xinglin.residents.models import Consent, Resident

#: Kinds of consent, with the words a resident is read.
KINDS = {
    "record-sharing": _("医共体内共享健康档案"),
    "referral": _("转诊并随转病历资料"),
    "remote-reading": _("由县级中心远程诊断"),
    "consultation": _("远程会诊并向专家出示所选病历资料"),
    "contact-by-phone": _("接受电话随访"),
    "family-doctor": _("家庭医生签约服务"),
    "data-research": _("去标识后用于统计研究"),
}
MAX_BYTES, MAX_WIDTH, MAX_HEIGHT = 200_000, 2000, 1000


@transaction.atomic
def record_consent(
    *,
    resident: Resident,
    kind: str,
    agreed: bool,
    signer_name: str,
    signer_relation: str = "本人",
    signature_png: bytes | None,
    explained: str,
    object_uuid: UUID | None = None,
    by: Actor,
    at: datetime,
) -> Consent:
    """Keep what somebody agreed to, or refused, after it was explained to him.

    :raises NotPermitted: the resident is not one the actor works with
    :raises InvalidInput: unknown kind, no signer, or a signature that is no picture
    :raises TooLarge: the signature has more than 200 kB
    """
    permissions.may_take_consent(by, resident).require()
    if kind not in KINDS:
        raise InvalidInput(_("请选择同意事项。"), fields={"kind": _("请选择同意事项。")})
    consent = Consent.objects.create(
        resident=resident,
        kind=kind,
        agreed=agreed,
        explained_by=by.user_id,
        explained_by_name=by.name[:40],
        explained=_text(explained),
        signer_name=_signer(signer_name),
        signer_relation=one_line("signer_relation", signer_relation, 20) or "本人",
        signature=_keep_signature(signature_png, at=at),
        object_uuid=object_uuid,
        given_at=at,
    )
    event = Event.CONSENTED if agreed else Event.REFUSED_CONSENT
    announce(event, obj=consent, subject=resident.uuid, by=by, at=at, kind=kind, signed=signature_png is not None)
    return consent


@transaction.atomic
def record_answer(
    *, resident: Resident, kind: str, object_uuid: UUID, given: ConsentGiven, kept_at: str, by: Actor, at: datetime
) -> Consent:
    """Keep the answer to what was proposed. Who agrees signs, on the screen or on a sheet; a refusal may go unsigned.

    `kept_at`: which unit keeps the sheet, in the language of the record.

    :raises InvalidInput: agreed, but neither signed nor on paper; and as `record_consent`
    """
    if given.agreed and given.signature_png is None and not given.on_paper:
        hint = _("请签字；已在纸上签字的，请选“已在纸上签字”。")
        raise InvalidInput(hint, fields={"consent_signature": hint})
    said = dataclasses.asdict(given)
    if said.pop("on_paper") and given.signature_png is None:
        sheet = f"{ON_PAPER}{kept_at}。"
        said["explained"] = "\n".join(part for part in (sheet, given.explained) if part)
    return record_consent(resident=resident, kind=kind, object_uuid=object_uuid, by=by, at=at, **said)


@transaction.atomic
def withdraw_consent(*, consent: Consent, reason: str = "", by: Actor, at: datetime) -> Consent:
    """Take a consent back, from now on. :raises Conflict: it was no agreement, or is withdrawn already"""
    permissions.may_take_consent(by, consent.resident).require()
    fresh = Consent.objects.select_for_update().get(pk=consent.pk)
    policies.can_be_withdrawn(fresh).require()
    fresh.withdrawn_at, fresh.withdrawn_by = at, by.user_id
    fresh.save(update_fields=["withdrawn_at", "withdrawn_by"])
    announce(
        Event.WITHDREW_CONSENT,
        obj=fresh,
        subject=consent.resident.uuid,
        by=by,
        at=at,
        kind=fresh.kind,
        reason=one_line("reason", reason, 200),
    )
    return fresh


def clean_signature(content: bytes) -> bytes:
    """The signature drawn anew as a greyscale PNG: nothing but its pixels is kept of what was sent.

    :raises TooLarge: more than 200 kB
    :raises InvalidInput: no PNG, larger than 2000 × 1000 pixels, or nothing drawn
    """
    if len(content) > MAX_BYTES:
        raise TooLarge(_("签名图片太大：最多 200 kB。"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a picture of bad intent warns before it bursts
            with Image.open(io.BytesIO(content), formats=["PNG"]) as picture:
                if picture.width > MAX_WIDTH or picture.height > MAX_HEIGHT:
                    raise _refused(_("签名图片最大 2000×1000 像素。"))
                drawn = Image.new("RGBA", picture.size, "white")
                drawn.alpha_composite(picture.convert("RGBA"))
                grey = drawn.convert("L")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError) as error:
        raise _refused(_("签名不是有效的 PNG 图片。")) from error
    tones = [tone for tone, n in enumerate(grey.histogram()) if n]
    if tones[-1] - tones[0] < 64:
        raise _refused(_("签名是空白的，请签名后再提交。"))
    out = io.BytesIO()
    grey.save(out, "PNG", optimize=True)
    return out.getvalue()


def _keep_signature(content: bytes | None, *, at: datetime) -> StoredFile | None:
    if content is None:
        return None
    clean = clean_signature(content)
    return files.store(io.BytesIO(clean), at=at, max_bytes=4 * MAX_BYTES, accept=["image/png"])


def _signer(name: str) -> str:
    try:
        return names.normalise(name)
    except InvalidInput as error:
        raise InvalidInput(error.message, fields={"signer_name": error.message}, code=error.code) from error


def _text(explained: str) -> str:
    lines = [one_line("explained", line, 1000) for line in explained.splitlines()]
    return "\n".join(line for line in lines if line)[:2000]


def _refused(message: object) -> InvalidInput:
    return InvalidInput(message, fields={"signature": message}, code="signature")
