"""What is mailed to people."""

import attrs

from ..kernel.validation import Form, Rule, email, field, required, text

_LETTER = Form(
    field("to", required, email),
    field(
        "subject",
        required,
        text,
        Rule("invalid_format", "must be one line", str, lambda value: value.splitlines() == [value]),
    ),
    field("text", required, text),
)


@attrs.frozen
class Mail:
    """
    A letter in plain text.

    What it is made of cannot add a header or a recipient: its rules are asked here, once for every `Mailer`.

    Args:
        to: One e-mail address.
        subject: One line, and not an empty one.
        text: Its lines end with a bare newline.

    Raises:
        ValidationFailedError: it breaks these rules.
    """

    to: str = attrs.field(repr=False)
    subject: str
    text: str = attrs.field(repr=False)

    def __attrs_post_init__(self) -> None:
        _LETTER.check(self)
