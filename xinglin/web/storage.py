"""Static files with a hash in their name, so that a browser keeps them for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):
    """A name that is not in the manifest is served as it is, so that pages render before static files are collected."""

    manifest_strict = False
