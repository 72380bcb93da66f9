"""What crosses the door of centres: nothing but what its api names."""
