"""`class.yml`: an instructor's description of the class, and its effect on points and dates."""
