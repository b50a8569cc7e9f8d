"""Run `make`'s commands, before and after anything is installed, with the standard library only."""
