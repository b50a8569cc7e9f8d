"""The code that `make` runs, before and after anything is installed; standard library only."""
