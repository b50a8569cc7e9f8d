"""Test the exercises' own tests (`python -m autograder validate`)."""
