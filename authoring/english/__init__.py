"""The words of the course: counts and samples for editors, and proof that an edit changed nothing but words."""
