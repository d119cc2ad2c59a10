"""Caption files become clean, timed transcripts."""
