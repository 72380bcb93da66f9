"""Rules of follow-up, pure: scripts, plans at discharge, and when a resident may be contacted. No model, no clock."""
