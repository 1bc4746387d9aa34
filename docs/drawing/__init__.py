"""How pictures are drawn, and what they are drawn from."""
