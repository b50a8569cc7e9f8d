"""Make a sample class from known answers, and check the points that each of its submissions gets."""
