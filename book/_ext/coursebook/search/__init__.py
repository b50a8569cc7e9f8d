"""The search: by sections, in the reader's browser, with and without a server."""
