"""The kinds of explorers: for each a module that computes frames and one that draws them."""
