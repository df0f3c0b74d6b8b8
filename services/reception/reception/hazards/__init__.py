"""What frightens people on their street: reported, looked through, handed over, fixed."""
