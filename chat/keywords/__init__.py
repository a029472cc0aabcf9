"""One's own words that notify like a mention. Texts are looked through beside the hot path, as they are indexed."""
