"""Letters to people: by SMTP, or as files in a folder. Needs the extra ``mail``."""

from ...core.kernel import require

with require("mail"):
    from .eml import EmlDirectoryMailer
    from .smtp import SmtpMailer, SmtpServer

__all__ = ["EmlDirectoryMailer", "SmtpMailer", "SmtpServer"]
