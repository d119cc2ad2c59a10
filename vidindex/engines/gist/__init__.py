"""Search by meaning: the models that turn text into vectors, and the search for the nearest vectors."""
