"""The book in other languages: translated blocks of texts, and the notebooks and pages that are made with them."""
