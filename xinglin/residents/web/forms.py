"""From what a form sent to the arguments of an action. Shape only; what is right, the actions say."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from xinglin.platform.errors import InvalidInput
from xinglin.residents.fields import png_of
from xinglin.residents.identity import KINDS

_TEXT = (
    "name",
    "sex",
    "id_kind",
    "id_number",
    "guardian_id_number",
    "phone",
    "card",
    "address",
    "ethnicity",
    "nationality",
    "insurance",
    "allergies",
)


def registration(data: QueryDict) -> dict[str, Any]:
    """Arguments of `register_resident`. :raises InvalidInput: the birth date is no date"""
    values = _fields(data)
    values["born_on"] = day(data.get("born_on", ""), "born_on")
    values["acknowledged_matches"] = [found for text in data.getlist("acknowledged") if (found := uuid_or_none(text))]
    return values


def changes(data: QueryDict, *, standing_kind: str) -> dict[str, Any]:
    """Changes for `edit_resident`: a document left as it stands is not a change."""
    values = _fields(data)
    values["born_on"] = day(data.get("born_on", ""), "born_on")
    says_number = values.get("id_number") or values.get("guardian_id_number")
    if not says_number and values.get("id_kind") in {standing_kind, *KINDS}:
        values.pop("id_kind", None)
        values.pop("id_number", None)
    if not values.get("card"):
        values.pop("card", None)
    return values


def _fields(data: QueryDict) -> dict[str, Any]:
    values: dict[str, Any] = {field: data.get(field, "").strip() for field in _TEXT if field in data}
    values["name"], values["sex"] = data.get("name", ""), data.get("sex", "")
    values["conditions"] = data.getlist("conditions")
    if values.get("allergies") == "" and data.get("no_allergies"):
        values["allergies"] = "无"
    return values


def day(text: str, field: str) -> date:
    """A calendar day of a date input. :raises InvalidInput: it is none"""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        message = _("请填写日期，例如 1963-04-15。")
        raise InvalidInput(message, fields={field: message}) from None


def uuid_or_none(text: str) -> UUID | None:
    """A uuid, or None when it cannot be read."""
    try:
        return UUID(text)
    except ValueError:
        return None


def consent(data: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of `record_consent`. :raises InvalidInput, TooLarge: the signature"""
    return {
        "kind": data.get("kind", ""),
        "agreed": data.get("agreed") == "yes",
        "signer_name": data.get("signer_name", ""),
        "signer_relation": data.get("signer_relation", ""),
        "explained": data.get("explained", "")[:2000],
        "signature_png": png_of(str(data.get("signature", ""))),
    }
