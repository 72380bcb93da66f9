"""The pure rules of contracts: packages and their due days, key groups, performance pay. No model, no database."""
