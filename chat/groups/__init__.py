"""Groups of people: `@designers` means those of them who are in the room. Who may mention one, it says itself."""
