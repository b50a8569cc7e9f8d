"""How a page is marked up: formulas, what eyes, ears and keyboards need, and what the theme gets wrong."""
