"""Rich text: what people write, in Markdown as chats have it, as the HTML that every client may show.

One renderer, on the server: `rendering` is its door. Made once, when a message is sent, edited or brought back, and
kept with it. Why it is so: docs/decisions/0018-rich-text.md.

rendering     text and mentions -> safe HTML, or "" where there is nothing to render; plain words for notifications
parsing       Markdown -> tokens, with the rules of a chat
inline_rules  spoilers, formulas, emoji, names
markup        tokens -> HTML, and the allow-list that it has to pass
highlighting  code -> its parts, by Pygments
shortcodes    `:tada:` -> the character, or the installation's own picture
own_emoji     the installation's own emoji: pictures with a name, added in the admin
backfill      renders what was stored before there was a renderer
"""
