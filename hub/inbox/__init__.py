"""1. Keep every delivery, byte for byte, exactly once."""
