"""Ways for sealed bytes to travel: today the relay over HTTPS."""
