"""A sample class made from known answers, and the points that each of its submissions must get."""
