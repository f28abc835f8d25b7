"""HTTPS in front of the simulator: the template takes no other address for CXone."""

import asyncio
import contextlib
import ssl
import threading

import trustme

HOST = "localhost"


class Front:
    """Ends TLS for servers on this machine that speak plain HTTP."""

    def __init__(self, folder):
        authority = trustme.CA()
        self.trusted = folder / "authority.pem"
        authority.cert_pem.write_to_path(str(self.trusted))
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(HOST).configure_cert(self._context)
        self._loop = asyncio.new_event_loop()

    @contextlib.contextmanager
    def running(self):
        thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()

    def of(self, backend):
        """An HTTPS address whose requests go to this one."""
        port = int(backend.rsplit(":", 1)[1])

        async def serve(reader, writer):
            try:
                behind = await asyncio.open_connection("127.0.0.1", port)
                await asyncio.gather(_copy(reader, behind[1]), _copy(behind[0], writer))
            except OSError:  # whoever hangs up is heard on the other side
                pass
            finally:
                writer.close()

        opening = asyncio.start_server(serve, "127.0.0.1", 0, ssl=self._context)
        server = asyncio.run_coroutine_threadsafe(opening, self._loop).result()
        return f"https://{HOST}:{server.sockets[0].getsockname()[1]}"


async def _copy(reader, writer):
    try:
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
    finally:
        writer.close()
