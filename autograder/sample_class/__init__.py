"""A sample class made from known answers, and what each of its submissions must get."""
