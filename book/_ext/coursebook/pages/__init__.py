"""What pages show beyond their text: buttons, lists, the layer index, solutions, and licenses."""
