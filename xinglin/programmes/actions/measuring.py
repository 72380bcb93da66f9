"""How far the count is of what a definition would do; the counting itself only reads."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict
from xinglin.platform.outbox import announce
from xinglin.programmes import permissions
from xinglin.programmes.events import Event
from xinglin.programmes.models import Edition, EditionEffect
from xinglin.programmes.rules import catalogue


@transaction.atomic
def ask_effect(*, edition: Edition, by: Actor, at: datetime) -> EditionEffect:
    """Ask what the text as it stands would do; a job counts it, against the version in force today.

    :raises NotPermitted: the actor neither writes nor reviews definitions
    :raises Conflict: a count is under way
    """
    permissions.may_read_editions(by).require()
    try:
        against = catalogue.programme(edition.slug, on=clock.today(at), fresh=True).version
    except LookupError:
        against = ""
    try:
        with transaction.atomic():
            effect = EditionEffect.objects.create(
                edition=edition, checksum=edition.checksum, against=against, asked_at=at, asked_by=by.user_id,
                asked_by_name=by.name[:40],
            )  # fmt: skip
    except IntegrityError as error:
        raise Conflict(_("正在测算，请稍候。"), code="effect-under-way") from error
    announce(Event.EFFECT_ASKED, obj=effect, by=by, at=at, programme=edition.slug)
    return effect


def begin_effect(*, effect: EditionEffect, n_residents: int) -> None:
    """How many there are to look at."""
    effect.n_residents = n_residents
    effect.save(update_fields=["n_residents"])


def note_effect(*, effect: EditionEffect, upto: int, n: int, figures: Mapping[str, Any]) -> bool:
    """One piece is done; False when another process has noted one meanwhile, and goes on with it."""
    facts = {"upto": upto, "n_looked": effect.n_looked + n, "figures": dict(figures)}
    if not EditionEffect.objects.filter(pk=effect.pk, upto=effect.upto, ended_at__isnull=True).update(**facts):
        return False
    effect.upto, effect.n_looked, effect.figures = upto, effect.n_looked + n, dict(figures)
    return True


def end_effect(*, effect: EditionEffect, fault: str, at: datetime) -> EditionEffect:
    """Everybody was looked at, or the text could not be read."""
    effect.fault, effect.ended_at = fault[:300], at
    effect.save(update_fields=["fault", "ended_at"])
    return effect
