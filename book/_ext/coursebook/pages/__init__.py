"""Add everything to the pages that is not in their text: buttons, lists, the layer index, solutions, and licenses."""
