"""MiniStack: AWS on this machine, with the functions as local processes."""

import contextlib
import os
import re

from failure import Unreachable
from programs import free_port, request, running, wait_for_start

# An error with the lines that belong to it.
COMPLAINT = re.compile(r"^\S+ \S+ (ERROR .+(?:\n(?!\d{4}-|[\[{]).+)*)", re.MULTILINE)


class MiniStack:
    """A local AWS: its address, and what to start it with."""

    REGION = "us-east-1"

    def __init__(self, folder, trusted):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "ministack.log"
        temporary = folder / "ministack"
        temporary.mkdir()
        # Nothing of this machine's own AWS settings. The functions inherit what is set here.
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(temporary),
            "TMPDIR": str(temporary),
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "S3_DATA_DIR": str(temporary / "s3"),
            "STATE_DIR": str(temporary / "state"),
            "AWS_ENDPOINT_URL": self.url,
            "SSL_CERT_FILE": str(trusted),  # the certificates that the functions trust
        }

    @contextlib.contextmanager
    def running(self, command):
        with running([command], self.log, self.environment) as program:
            wait_for_start(program, self.log, self._is_ready, 120)
            yield

    def complaints(self):
        """What it found wrong, each once: among it, why functions do not start."""
        return "\n".join(dict.fromkeys(COMPLAINT.findall(self.log.read_text())))

    def _is_ready(self):
        try:
            return request(f"{self.url}/_ministack/ready")[0] == 200
        except Unreachable:
            return False
