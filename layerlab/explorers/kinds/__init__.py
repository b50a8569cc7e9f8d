"""Define the kinds of explorers: for each, a Python module computes frames and a JavaScript module draws them."""
