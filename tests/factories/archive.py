"""A small archive that speaks DICOMweb, with the faults real ones have; and an Orthanc, if it is installed."""

import json
import re
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

from pydicom import dcmread

ORTHANC, PLUGINS = Path("/usr/sbin/Orthanc"), Path("/usr/share/orthanc/plugins")


class Archive:
    """Keeps what it is sent, by SOP instance UID."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.n_stored = self.n_shown = 0
        self.refusal = 0  # the status it answers to everything
        self.heads: list[str | None] = []
        self.changed: Callable[[bytes], bytes] = lambda content: content  # on the way out
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.address = f"http://127.0.0.1:{self.server.server_port}/dicom-web"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        archive = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *arguments: Any) -> None:
                """Silent."""

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                boundary = re.search("boundary=(.+)", self.headers["Content-Type"])[1].encode()
                part = body.split(b"--" + boundary)[1].split(b"\r\n\r\n", 1)[1][:-2]
                if self._refused():
                    return
                archive.kept.setdefault(dcmread(BytesIO(part)).SOPInstanceUID, part)
                archive.n_stored += 1
                self._answer(200, b"{}", "application/dicom+json")

            def do_GET(self) -> None:
                if self._refused():
                    return
                found = archive.kept.get(self.path.rsplit("/", 1)[1])
                if found is None:
                    self._answer(200 if "limit=" in self.path else 404, b"[]", "application/dicom+json")
                    return
                archive.n_shown += 1
                part = b"--AbC\r\nContent-Type: application/dicom\r\n\r\n" + found + b"\r\n--AbC--\r\n"
                self._answer(200, archive.changed(part), 'multipart/related; type="application/dicom"; boundary="AbC"')

            def _refused(self) -> bool:
                archive.heads.append(self.headers.get("Authorization"))
                if archive.refusal:
                    self._answer(archive.refusal, b"", "text/plain")
                return bool(archive.refusal)

            def _answer(self, status: int, body: bytes, kind: str) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        return Handler


@contextmanager
def an_orthanc(folder: Path, *, user: str, password: str) -> Iterator[str]:
    """A real Orthanc with its DICOMweb service, on a free port and an empty store; its address."""
    if not ORTHANC.is_file() or not (PLUGINS / "libOrthancDicomWeb.so").exists():
        raise RuntimeError("this test needs Debian's orthanc and orthanc-dicomweb: scripts/orthanc.sh installs them")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "store").mkdir(exist_ok=True)
    written = folder / "orthanc.json"
    written.write_text(
        json.dumps({
            "StorageDirectory": str(folder / "store"), "IndexDirectory": str(folder / "store"), "HttpPort": port,
            "DicomServerEnabled": False, "RemoteAccessAllowed": False, "AuthenticationEnabled": True,
            "RegisteredUsers": {user: password}, "Plugins": [str(PLUGINS / "libOrthancDicomWeb.so")],
            "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
        })
    )  # fmt: skip
    with (folder / "orthanc.log").open("w") as log:
        process = subprocess.Popen([str(ORTHANC), str(written)], stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait_for(process, port, folder / "orthanc.log")
        yield f"http://127.0.0.1:{port}/dicom-web"
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2)
        except urllib.error.HTTPError:
            return  # it asks for the password
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"Orthanc did not start: {log.read_text()[-2000:]}")
