"""What every feature stands on and that knows no feature: database, errors, time, minutes, jobs."""
