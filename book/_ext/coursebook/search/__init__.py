"""Build the search, which finds sections and runs in the reader's browser, with or without a server."""
