"""Files of a form that came back: kept as uploads, so that nobody has to choose them again."""

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from xinglin.diagnostics.actions.uploads import keep_upload
from xinglin.diagnostics.incoming import stored_file
from xinglin.platform import clock
from xinglin.platform.errors import InvalidInput, TooLarge, wrong
from xinglin.platform.models import StoredFile
from xinglin.web.request import Request


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that waits for the form to be sent again."""

    uuid: str
    name: str

    @property
    def value(self) -> str:
        """What the form carries."""
        return f"{self.uuid} {self.name}"


def named_in(request: Request) -> list[Kept]:
    """The kept files that a form names."""
    parts = [value.partition(" ") for value in request.POST.getlist("kept")[:20]]
    return [Kept(uuid, name[:120]) for uuid, _space, name in parts]


def files_of(request: Request) -> list[StoredFile]:
    """The same as stored files. :raises NotVisible: one is not the actor's. :raises InvalidInput: no such name"""
    return [stored_file(_uuid(each.uuid), request.actor) for each in named_in(request)]


def keep(request: Request, field: str) -> list[Kept]:
    """Keep the files of a form that is shown again, besides those it kept before. What is no ECG is left out."""
    kept = named_in(request)
    for file in request.FILES.getlist(field):
        file.seek(0)
        try:
            upload, _ecg = keep_upload(file=file, by=request.actor, at=clock.now())
        except (InvalidInput, TooLarge):
            continue
        kept.append(Kept(str(upload.uuid), (file.name or "")[:120]))
    return kept


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise wrong("kept", _("之前选的文件找不到了，请重新选择。")) from error
