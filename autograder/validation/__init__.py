"""The tests of the tests: `python -m autograder validate`."""
