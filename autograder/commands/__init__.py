"""The commands, each in its own module; `autograder.cli` imports the one that was typed."""
