"""One's own allowance and one's team's, in words and as plain values."""
