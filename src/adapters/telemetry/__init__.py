"""What the running service tells about itself."""
