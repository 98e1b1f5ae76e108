"""Sagas of any kind: a plan is a table of steps, what happens is a fold, what follows is decided by pure rules."""
