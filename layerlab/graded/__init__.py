"""Implement hidden tests: claims, observations, their encoding as bytes, and small datasets with a secret."""
