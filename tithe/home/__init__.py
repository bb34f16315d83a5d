"""The page each person lands on: what needs doing, gathered from the features below."""
