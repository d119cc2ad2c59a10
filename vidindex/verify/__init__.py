"""Quotations of an article, checked against what was said."""
