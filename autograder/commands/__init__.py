"""Define the commands, each in its own module; `autograder.cli` imports only the command that was typed."""
