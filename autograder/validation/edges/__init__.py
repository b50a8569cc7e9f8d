"""The edge suite: do all right answers agree on every input the statement allows, not only on those claims draw?"""
