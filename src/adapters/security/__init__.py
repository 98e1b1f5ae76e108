"""Passwords and access tokens. Each module stands alone, so that whoever verifies tokens imports nothing else."""
