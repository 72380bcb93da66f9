"""Follow-up in the pocket (随身随访): what a village doctor's telephone carries along, and what it brings back."""
