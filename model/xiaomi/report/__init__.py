"""What reporting says of Xiaomi: its headline, figures and sections of the memo. May import what `xiaomi` may."""
