"""The quotations printed in an article, with their speakers."""

from .extraction import Quotation, extract_quotations, find_quotations

__all__ = ["Quotation", "extract_quotations", "find_quotations"]
