"""From a posted form to the arguments of one action: shape only."""

from django.http import QueryDict

from xinglin.points.data import Receipt
from xinglin.residents import api as residents


def receipt(post: QueryDict) -> Receipt:
    """Who received goods. :raises InvalidInput: the signature is no picture"""
    return Receipt(
        post.get("receiver", ""), post.get("relation", ""),
        residents.png_of(post.get("signature", ""), field="signature"), post.get("on_paper") == "on",
    )  # fmt: skip
