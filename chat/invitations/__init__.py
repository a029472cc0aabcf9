"""Links that let whoever has one into a room."""
