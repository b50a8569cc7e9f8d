"""How a point is earned: claims, observations, their bytes, and small data sets with a secret."""
