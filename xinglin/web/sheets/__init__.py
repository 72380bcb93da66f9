"""Tables as files: a workbook or CSV read line by line within fixed bounds, and plain sheets written."""

from xinglin.web.sheets.reading import Line, read_lines
from xinglin.web.sheets.writing import XLSX, Sheet, workbook

__all__ = ["XLSX", "Line", "Sheet", "read_lines", "workbook"]
