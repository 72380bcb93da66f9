"""Rules without a database: plans read and checked, scores, rankings, funds shared."""
