"""What is decided on the way of an appeal (Law 393/96-ВР, art. 5, 7, 8, 20)."""
