"""First steps: an account, a circle, an invitation, the demonstration, and waiting to be let in."""
