"""Keeping order: who may write, what happens to those who misbehave, reports, filters, the audit log, retention.

ranks, barriers, times     pure: who outranks whom, and what keeps somebody from writing
gate                       where they meet the hot path of sending
admission                  who is not let into rooms and conversations
policies                   the only ways to get a room, a report or a held message on a moderator's behalf
services                   roles, rules of a room, mutes, bans (kicks are in `chat.services`)
blocks                     one person who wants nothing of another
reports, held              the queues of moderators
filters, words             what may be written at all, and the list of words that is shipped
audit                      who did what: rows are added, never changed
retention, jobs            what goes for its age, and what owners may take along
registering                what all this has to say in accounts and notifications

Why it is so: docs/decisions/0023-order.md; for operators: docs/moderation.md.
"""
