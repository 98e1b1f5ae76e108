"""Services of others, spoken to over HTTP: one folder a vendor."""
