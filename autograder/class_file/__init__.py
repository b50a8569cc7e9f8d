"""Read `class.yml`, an instructor's description of the class, and apply it to points and dates."""
