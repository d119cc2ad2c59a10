"""What the pages show, as values: made from the index's own, ready for a template that decides nothing."""
