"""Reports of verdicts for people: the words, Markdown, and a page of HTML."""
