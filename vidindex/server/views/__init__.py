"""View models: the values that the templates show."""
