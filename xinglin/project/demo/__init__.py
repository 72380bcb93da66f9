"""The demonstration: a small synthetic county, its sign-ins, and one resident's journey through three levels."""
