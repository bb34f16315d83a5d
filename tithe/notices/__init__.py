"""Messages to people: an outbox row in the same commit as its cause, sent later by a job."""
