"""Reading allowances: schedules, balances, calendars, and what else bounds somebody's time."""
