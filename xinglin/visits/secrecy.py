"""Diagnoses the law keeps secret, as others read them: that somebody is looked after, and not for what.

Who may know of the resident's condition reads them, who wrote the visit, and the resident himself. Medicines stay to be read: what must
not be given together has to be seen.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from xinglin.platform.actors import Actor
from xinglin.residents import api as residents
from xinglin.visits.models import Diagnosis, Visit

#: What stands for the code.
CODE = "***"


def told(actor: Actor, visits: Iterable[Visit], *, resident: Any = None) -> None:
    """Make the diagnoses of visits that are shown to the actor say no more than he may know. The rows are for reading only.

    `resident`: whose visits they are, where they have not loaded him.
    """
    for visit in visits:
        hidden = residents.hidden_codes(resident or visit.resident, actor)
        if not hidden or (actor.user_id is not None and visit.clinician_id == actor.user_id):
            continue
        prefetch_related_objects([visit], "diagnoses")
        for each in visit.diagnoses.all():
            if each.code.startswith(hidden):
                each.code, each.name = CODE, _("重点管理")


def known(actor: Actor, resident: Any, diagnoses: Iterable[Diagnosis]) -> list[Diagnosis]:
    """Of a resident's diagnoses those the actor may know of."""
    hidden = residents.hidden_codes(resident, actor)
    return [each for each in diagnoses if not hidden or not each.code.startswith(hidden)]
