"""What each person wants to be told of, over which channel, and when; `deliveries` follows it."""
