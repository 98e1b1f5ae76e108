"""What can be done with accounts and sessions: a module a noun."""
