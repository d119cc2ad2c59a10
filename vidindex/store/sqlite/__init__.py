"""The store in a folder, in one SQLite file."""
