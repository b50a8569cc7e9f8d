"""Define the corpus of attacks and faults: submissions, and the points that each must get. See its README.md."""
