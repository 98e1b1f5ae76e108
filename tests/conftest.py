"""How many examples the property tests try: few in every run, many in `make soak`."""

from hypothesis import settings

# No deadline: how long one example takes says more about the machine than about the code.
settings.register_profile("brief", deadline=None, max_examples=25)
settings.register_profile("soak", deadline=None, max_examples=2_000)
settings.load_profile("brief")
