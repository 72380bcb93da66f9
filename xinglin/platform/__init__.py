"""What every capability stands on. No domain word in here: if a function mentions a patient, it is in the wrong place."""
