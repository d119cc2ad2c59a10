"""Worker processes lower the limits that the system gives them, and never raise them."""

from __future__ import annotations

import subprocess
import sys


def test_a_lower_limit_of_the_system_stays() -> None:
    """Only root may raise it, so that the workers of other users would not start."""
    code = (
        "import resource as r\n"
        "from vidindex.transcripts.process_limits import limit_process\n"
        "r.setrlimit(r.RLIMIT_NOFILE, (32, 32))\n"
        "limit_process(memory_bytes=300_000_000, address_space_bytes=2_000_000_000)\n"
        "print(r.getrlimit(r.RLIMIT_NOFILE), r.getrlimit(r.RLIMIT_FSIZE), r.getrlimit(r.RLIMIT_DATA)[0])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.split("\n")[0] == "(32, 32) (0, 0) 300000000"
