"""A receiver that only writes the bytes, syncs them and their folder, and answers: what any archive must do at least."""

import os
import sys
import time
from pathlib import Path

from pynetdicom import AE, evt
from pynetdicom.events import Event
from pynetdicom.sop_class import CTImageStorage


def main() -> None:
    """Listen until killed."""
    port, folder = int(sys.argv[1]), Path(sys.argv[2])

    def store(event: Event) -> int:
        path = folder / str(event.request.AffectedSOPInstanceUID)
        with path.open("wb") as file:
            file.write(event.encoded_dataset())
            file.flush()
            os.fsync(file.fileno())
        handle = os.open(folder, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)
        return 0x0000

    entity = AE("XINGLIN")
    entity.add_supported_context(CTImageStorage)
    entity.maximum_pdu_size = 262_144
    entity.start_server(("127.0.0.1", port), block=False, evt_handlers=[(evt.EVT_C_STORE, store)])
    print("ready", flush=True)
    while True:
        time.sleep(60)


if __name__ == "__main__":
    main()
