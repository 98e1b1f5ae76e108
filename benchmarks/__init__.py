"""How fast quayside is beside its peers, measured on the machine at hand."""
