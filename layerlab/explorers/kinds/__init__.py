"""The kinds of explorers: each has a module that computes frames and one that draws them."""
