"""What the data lies in: SQLite or PostgreSQL behind the same transactions, and its form."""
