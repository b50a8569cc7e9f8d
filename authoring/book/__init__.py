"""Turn notebooks into pages, one PDF, and one zip, and check them."""
