"""The attack and fault corpus: what a submission may try or suffer, and what each must get. See README.md here."""
