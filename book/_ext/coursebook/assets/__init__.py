"""The files a page loads: scripts, style sheets, and fonts, with only the parts that the book uses."""
