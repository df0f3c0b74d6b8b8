"""Cases that only named staff may see."""
