"""Add to pages what is not in their text: buttons, lists, the layer index, solutions, and licenses."""
