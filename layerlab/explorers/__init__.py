"""Make explorers: interactive figures with sliders that show values computed by torch, with and without Python."""
