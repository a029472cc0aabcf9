"""The broadcast cockpit: writing, scheduling, sending and following a message to many."""
