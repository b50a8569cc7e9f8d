"""Help editors of the course's English: count, sample sentences, and prove that an edit changed only words."""
