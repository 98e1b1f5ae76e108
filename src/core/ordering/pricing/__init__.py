"""What an order costs, and why: a chain of pure steps over immutable values."""
