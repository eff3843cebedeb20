"""What stands around every screen of an open account: rail, top bar, state of exchange."""
