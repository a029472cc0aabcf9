"""Who is there, on which stream, and how: `service` keeps it, `stream` is what is known of one stream."""
