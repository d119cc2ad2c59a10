"""Send HTTP requests safely: checks of addresses, limits of time and size, throttling, robots.txt."""
