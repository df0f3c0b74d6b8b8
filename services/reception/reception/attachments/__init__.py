"""Photos and documents on an appeal (Law of Ukraine 393/96-ВР, art. 18: whoever appeals may add materials)."""
