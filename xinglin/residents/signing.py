"""The part of a form in which a resident agrees and signs; its page is ``residents/_consent.html``."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from xinglin.residents.data import ConsentGiven
from xinglin.residents.fields import png_of
from xinglin.residents.models import Consent

#: Answers of the form: signed on the screen, on paper, refused.
ANSWERS = ("agreed", "paper", "refused")
_RELATIONS = ("本人", "配偶", "子女", "父母", "其他亲属", "监护人")


def signer_relations() -> list[tuple[str, str]]:
    """Who may sign, as (what is kept, words in the reader's language)."""
    words = (_("本人"), _("配偶"), _("子女"), _("父母"), _("其他亲属"), _("监护人"))
    return list(zip(_RELATIONS, words, strict=True))


def signer_said(consent: Consent) -> str:
    """Who signed, with what he is to the resident, in the reader's language."""
    relation = dict(signer_relations()).get(consent.signer_relation, consent.signer_relation)
    return _("%(name)s（%(relation)s）") % {"name": consent.signer_name, "relation": relation}


def consent_from(post: Mapping[str, str]) -> ConsentGiven | None:
    """What was answered on a form; None when nothing was.

    :raises InvalidInput: the signature is no picture
    """
    answer = post.get("consent", "")
    if answer not in ANSWERS:
        return None
    return ConsentGiven(
        agreed=answer != "refused", on_paper=answer == "paper", signer_name=post.get("signer_name", ""),
        signer_relation=post.get("signer_relation", "") or "本人",
        signature_png=png_of(post.get("signature", ""), field="consent_signature"), explained=post.get("explained", ""),
    )  # fmt: skip
