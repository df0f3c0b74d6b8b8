"""What officers owe the hromada: reports, and meetings with its council."""
