/* Who has to receive which message, and what came: exact, per connection. Knows no network and no clock. */
#ifndef LOAD_LEDGER_H
#define LOAD_LEDGER_H

#include "base.h"

typedef enum {
    DELIVERY_NEW,
    DELIVERY_DUPLICATE,
    DELIVERY_WRONG_ROOM,
    DELIVERY_OWN,     /* the sender's copy, where none is expected: not counted */
    DELIVERY_UNKNOWN, /* a message that was never sent: not counted */
} Delivery;

typedef struct {
    int64_t scheduled;
    int sender, room;
    uint32_t index;          /* within its room, from 0 */
    uint32_t next_of_sender; /* seq of the sender's next message, or NO_MESSAGE */
    bool acknowledged;
} Message;

#define NO_MESSAGE UINT32_MAX

typedef struct {
    int room;
    bool member;      /* is expected to receive */
    uint64_t *seen;   /* a bit per message of the room */
    size_t words;
    int64_t highest;  /* index of the latest message seen, or -1 */
    uint32_t latest_sent; /* seq of its own latest message, or NO_MESSAGE */
    uint32_t received;
} Place;

typedef struct {
    bool self_delivery;
    int connections, rooms;
    Message *messages;
    uint32_t count, capacity;
    Place *places;      /* of each connection that receives or sends */
    uint32_t *in_room;  /* messages of each room */
    uint32_t *members;  /* of each room */
    uint64_t expected, delivered, duplicates, reordered, wrong_room;
} Ledger;

/* `senders` are connections that only send; they are numbered on from the last that receives. */
Ledger ledger_new(int connections, int senders, int rooms, bool self_delivery);

/* From now on this connection is expected to receive each message of its room. */
void ledger_join(Ledger *ledger, int connection);

/* Enters a message that is due; its seq. */
uint32_t ledger_send(Ledger *ledger, int64_t scheduled, int sender, int room);

/* Counts what a connection received. */
Delivery ledger_receive(Ledger *ledger, int connection, uint32_t seq);

#endif
