"""Add to the pages everything that is not in their text: buttons, lists, the layer index, and solutions."""
