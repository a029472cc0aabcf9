"""Messages that ask everybody in the room to acknowledge them, and remind those who have not done so."""
