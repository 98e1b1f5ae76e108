"""Applications that answer as ours does, written as most would write them."""
