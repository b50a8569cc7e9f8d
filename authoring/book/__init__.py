"""From notebooks to pages, one PDF, and one zip, with the checks on them."""
