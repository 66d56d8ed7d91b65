"""Who hears a recording and what they say of it: the log of listenings, remarks at a second, gradings."""
