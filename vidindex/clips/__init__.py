"""Cut moments out of films: as files, as one film of all of them, or as lists for other programs."""
