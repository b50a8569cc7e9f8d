"""What pages say beyond their text: buttons, lists, the index of layers, solutions, licences; and what is sought."""
