"""Tests mirror the tree; what they share stands beside this file."""
