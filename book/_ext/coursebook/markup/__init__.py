"""The markup of pages: formulas, accessibility, and fixes for what the theme gets wrong."""
