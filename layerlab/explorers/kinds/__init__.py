"""Define the kinds of explorers. For each kind, a Python module computes frames and a JavaScript module draws them."""
