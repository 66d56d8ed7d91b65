"""Two invented phone systems: one that speaks in calls (acme), one that speaks in channels (exchange)."""
