"""Simulated carriers that speak the real protocols over HTTP, each written from its documentation anew."""
