"""People from outside: invited by a member of staff to projects they share, for a time, with few rights."""
