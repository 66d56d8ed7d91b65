"""Who works here: users, teams, sign-in, tokens and the journal."""
