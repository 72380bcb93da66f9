"""Homes and schools a medical unit signs with (医养签约): their records, agreements, planned rounds and the service log."""
