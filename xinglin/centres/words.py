"""Words of devices and regions of the body, as the examination items name them (DICOM PS3.16)."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

MODALITIES = {
    "DX": _("DR"),
    "CR": _("CR"),
    "CT": _("CT"),
    "MR": _("磁共振"),
    "US": _("超声"),
    "ES": _("内镜"),
    "MG": _("乳腺钼靶"),
    "ECG": _("心电图"),
}
REGIONS = {
    "HEAD": pgettext_lazy("body", "头颅"),
    "CHEST": pgettext_lazy("body", "胸部"),
    "HEART": pgettext_lazy("body", "心脏"),
    "ABDOMEN": pgettext_lazy("body", "腹部"),
    "STOMACH": pgettext_lazy("body", "胃"),
    "PELVIS": pgettext_lazy("body", "骨盆"),
    "THYROID": pgettext_lazy("body", "甲状腺"),
    "CSPINE": pgettext_lazy("body", "颈椎"),
    "LSPINE": pgettext_lazy("body", "腰椎"),
    "KNEE": pgettext_lazy("body", "膝关节"),
    "HAND": pgettext_lazy("body", "手"),
    "FOOT": pgettext_lazy("body", "足"),
}


def modality_word(code: str) -> str:
    """A device in words; its code when nobody named it."""
    return str(MODALITIES.get(code, code))


def region_word(code: str) -> str:
    """A region of the body in words; its code when nobody named it."""
    return str(REGIONS.get(code, code))
