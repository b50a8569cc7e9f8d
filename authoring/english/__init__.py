"""Help editors of the course's English: count hard sentences, sample some, and prove that edits change only words."""
