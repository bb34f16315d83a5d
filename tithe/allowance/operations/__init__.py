"""Writing allowances: accruals, postings, absences, patterns, calendars, blackouts, corrections, closing."""
