from behaviour.process_logging import logging_put_back

# pytest knows a fixture where its name is.
__all__ = ["logging_put_back"]
