"""Speed, weight and memory, measured against floors kept here and held to bars. Run by `make bench`."""
