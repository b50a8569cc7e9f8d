"""Make explorers: interactive figures with sliders that show values computed by torch, even without Python."""
