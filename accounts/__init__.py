"""Who people are: users, devices, sessions, tokens. Knows the engine's public names, and no feature above it."""
