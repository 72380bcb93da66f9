"""The DICOM listener: devices send images (C-STORE), ask for their work list (C-FIND) and say what they do (MPPS)."""

from xinglin.imaging.listener.server import serve

__all__ = ["serve"]
