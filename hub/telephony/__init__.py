"""Calls: their fold, the phone systems they come from, and how they are placed."""
