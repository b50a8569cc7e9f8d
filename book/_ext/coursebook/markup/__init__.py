"""Write the markup of pages: formulas, accessibility, and fixes for the theme's mistakes."""
