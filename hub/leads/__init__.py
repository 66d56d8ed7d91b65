"""3. Whose call is this, what does the history say, and what has to be done about it."""
