"""How people are seen by others, beside the engine's "who is there": what they say of themselves, and what they have
got and read.
"""
