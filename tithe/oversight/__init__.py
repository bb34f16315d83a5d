"""What is kept about people and what was done: the audit for auditors, one's own data for everybody, and erasure."""
