"""Stacks: orders at one place wait for company, and go with one courier where that is cheaper."""
