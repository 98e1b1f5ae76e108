"""Letters to people: by SMTP, or as files in a folder. Needs the extra ``mail``."""

from .eml import EmlDirectoryMailer
from .smtp import SmtpMailer, SmtpServer

__all__ = ["EmlDirectoryMailer", "SmtpMailer", "SmtpServer"]
