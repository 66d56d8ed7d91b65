"""2. Messages: mailboxes, threads and their parsing."""
