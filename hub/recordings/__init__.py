"""4. Recordings and their custody."""
