"""The store in a folder, in SQLite."""
