"""Shrink the files a page loads (scripts, style sheets, and fonts) to the parts that the book uses."""
