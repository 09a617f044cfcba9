"""Searches that know every rule: ruin and recreate, balance, and what drivers were told."""
