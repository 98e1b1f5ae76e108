"""What can be done with stock: a module a kind."""
