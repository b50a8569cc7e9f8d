"""What `make` runs before and after anything is installed. Standard library only."""
