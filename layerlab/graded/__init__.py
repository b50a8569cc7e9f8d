"""Hidden tests: claims, observations, their bytes, and small datasets with a secret."""
