"""The transactional core of a commerce back end."""
