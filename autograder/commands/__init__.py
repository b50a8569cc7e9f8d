"""The commands, a module each: `autograder.cli` imports the one that was typed."""
