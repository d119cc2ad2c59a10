"""Articles: the metadata and text of a page, and the videos that it embeds."""
