"""The database: one engine, one base for every stage's tables, migrations, leases, sealed secrets."""
