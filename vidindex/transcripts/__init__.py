"""Caption files, parsed into clean, timed transcripts."""
