"""Polls: a message whose text is the question, with two to ten answers to choose from."""
