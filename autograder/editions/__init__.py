"""Editions of a chapter, with other personal constants, and which student has which."""
