"""Dialects: what each framework's documentation promises of each of its layers. No framework is imported here."""
