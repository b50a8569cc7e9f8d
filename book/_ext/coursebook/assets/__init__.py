"""The files that a page loads: scripts, style sheets and fonts, and only those parts that the book uses."""
