"""What Hub costs, measured against its budgets: `python -m bench`, or `python -m bench NAME…`."""
