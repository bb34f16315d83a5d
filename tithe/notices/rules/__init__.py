"""What messages say, what may be chosen about them, and how long to keep trying. Pure."""
