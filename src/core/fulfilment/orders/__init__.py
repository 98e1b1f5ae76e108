"""The saga of an order: paid and reserved, or as if nothing had been."""
