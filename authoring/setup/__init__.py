"""Install everything with any Python, and run `make`'s commands with what is installed."""
