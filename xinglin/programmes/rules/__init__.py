"""What a programme's definition says, computed. Pure: no model, no database, no clock.

`catalogue` finds definitions, `assessing` and `joining` compute, `checking` and `previewing` are for who writes one.
"""
