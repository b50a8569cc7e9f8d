"""The edge suite: do all right answers agree everywhere the statement allows, and not only where the claims draw?"""
