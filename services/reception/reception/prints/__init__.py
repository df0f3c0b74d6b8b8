"""What an office prints after CMU 348. The forms are the state's: always in Ukrainian."""
