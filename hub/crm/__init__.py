"""5. Tell the CRM: queued in the same transaction as the fact."""
