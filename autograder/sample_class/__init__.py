"""A class made out of the known answers, and what each of its submissions must get."""
