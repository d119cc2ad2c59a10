"""What was typed → the moments in which it was said."""
