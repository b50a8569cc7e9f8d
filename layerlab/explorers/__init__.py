"""Pictures with sliders that show torch's own numbers, with and without Python."""
