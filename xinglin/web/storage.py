"""Static files with a hash in their name, so that a browser keeps them for ever."""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import FileSystemFinder
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """A name that is not in the manifest is served as it is, so that pages render before static files are collected."""

    manifest_strict = False
    #: Modules import each other by their hashed names too.
    support_js_module_import_aggregation = True

    def hashed_name(self, name: str, content: Any = None, filename: str | None = None) -> str:
        """The name with its hash, or the bare name of a file that has not been collected."""
        try:
            return str(super().hashed_name(name, content, filename))
        except ValueError:
            if content is not None:
                raise
            return name


class VendoredFinder(FileSystemFinder):
    """Finds, in the front-end packages, the files that `STATICFILES_VENDORED` names."""

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[Any]:
        """Each named file, with the storage it lies in."""
        for path, storage in super().list(ignore_patterns):
            if any(fnmatch(f"{storage.prefix}/{path}", each) for each in settings.STATICFILES_VENDORED):
                yield path, storage
