"""Write the markup of pages: formulas, accessibility, translations, and fixes for the theme's mistakes."""
