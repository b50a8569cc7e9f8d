"""Make the book in other languages, from translated blocks of its texts."""
