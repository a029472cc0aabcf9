"""Rooms put away, rooms one likes most, and the open rooms there are."""
