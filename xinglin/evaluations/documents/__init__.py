"""Papers that officers hand in: one content, as PDF, Word or Excel."""

from xinglin.evaluations.documents.contents import fund_paper, notice_paper, sheet_paper
from xinglin.evaluations.documents.forms import FORMS, paper_response

__all__ = ["FORMS", "fund_paper", "notice_paper", "paper_response", "sheet_paper"]
