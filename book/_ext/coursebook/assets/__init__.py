"""Shrink the files that a page loads (scripts, style sheets, and fonts) to the parts that the book uses."""
