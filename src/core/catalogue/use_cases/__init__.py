"""What can be done with the catalogue: a module a kind."""
