"""From notebooks to pages, one PDF and one zip, and what is checked of them."""
