"""The only writers of recognition."""

from xinglin.recognition.actions.deciding import decide, settle, show
from xinglin.recognition.actions.marks import end_mark, grant_mark, import_marks

__all__ = ["decide", "end_mark", "grant_mark", "import_marks", "settle", "show"]
