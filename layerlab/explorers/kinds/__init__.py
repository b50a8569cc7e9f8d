"""Define the kinds of explorers. For each, a Python module computes frames and a JavaScript module draws them."""
