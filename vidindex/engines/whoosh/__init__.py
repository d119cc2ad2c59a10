"""The engine in pure Python, on Whoosh."""
