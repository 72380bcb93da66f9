"""From definitions and facts to figures: at any level, over any period, all indicators in one pass over each table."""
