"""Turn notebooks into pages, a PDF, and a zip, and check them."""
