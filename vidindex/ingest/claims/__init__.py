"""Claims in documents: the quotes of an article, a text, a Word document, or JSON Lines."""

from .documents import ClaimDocument as ClaimDocument
from .documents import read_claims as read_claims
