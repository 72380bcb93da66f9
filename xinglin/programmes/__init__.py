"""Disease programmes: who belongs to one, how he is graded, followed, referred and let go."""
