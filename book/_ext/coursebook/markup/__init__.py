"""The markup of pages: formulas, what eyes, ears, and keyboards need, and fixes for what the theme gets wrong."""
