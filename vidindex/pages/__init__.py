"""What an article page says of itself, and which videos it embeds."""
