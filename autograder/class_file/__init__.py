"""`class.yml`: what an instructor says the class is, and what follows from it for points and dates."""
