#include "ledger.h"

#include <string.h>

Ledger ledger_new(int connections, int senders, int rooms, bool self_delivery)
{
    Ledger ledger = {.self_delivery = self_delivery, .connections = connections, .rooms = rooms};
    ledger.places = allocate((size_t)(connections + senders), sizeof *ledger.places);
    ledger.in_room = allocate((size_t)rooms, sizeof *ledger.in_room);
    ledger.members = allocate((size_t)rooms, sizeof *ledger.members);
    for (int i = 0; i < connections + senders; i++)
        ledger.places[i] = (Place){.room = i % rooms, .highest = -1, .latest_sent = NO_MESSAGE};
    return ledger;
}

void ledger_join(Ledger *ledger, int connection)
{
    Place *place = &ledger->places[connection];
    if (place->member) return;
    place->member = true;
    ledger->members[place->room]++;
}

uint32_t ledger_send(Ledger *ledger, int64_t scheduled, int sender, int room)
{
    if (ledger->count == ledger->capacity) {
        ledger->capacity = ledger->capacity ? 2 * ledger->capacity : 1024;
        ledger->messages = grown(ledger->messages, ledger->capacity, sizeof *ledger->messages);
    }
    uint32_t seq = ledger->count++;
    Place *place = &ledger->places[sender];
    if (place->latest_sent != NO_MESSAGE) ledger->messages[place->latest_sent].next_of_sender = seq;
    place->latest_sent = seq;
    ledger->messages[seq] = (Message){scheduled, sender, room, ledger->in_room[room]++, NO_MESSAGE, false};
    ledger->expected += ledger->members[room] - (place->member && !ledger->self_delivery);
    return seq;
}

static bool has_seen(const Place *place, uint32_t index)
{
    return index / 64 < place->words && place->seen[index / 64] >> (index % 64) & 1;
}

static void mark_seen(Place *place, uint32_t index)
{
    if (index / 64 >= place->words) {
        size_t words = 2 * (size_t)(index / 64) + 2;
        place->seen = grown(place->seen, words, sizeof *place->seen);
        memset(place->seen + place->words, 0, (words - place->words) * sizeof *place->seen);
        place->words = words;
    }
    place->seen[index / 64] |= UINT64_C(1) << (index % 64);
}

/* Whether a later message of the same sender came before. Cheap for what comes in the order of sending. */
static bool is_late(const Ledger *ledger, const Place *place, const Message *message)
{
    if (message->index >= place->highest) return false;
    const Message *later = message;
    while (later->next_of_sender != NO_MESSAGE) {
        later = &ledger->messages[later->next_of_sender];
        if (later->room != message->room) continue;
        if (later->index > place->highest) return false;
        if (has_seen(place, later->index)) return true;
    }
    return false;
}

Delivery ledger_receive(Ledger *ledger, int connection, uint32_t seq)
{
    if (seq >= ledger->count) return DELIVERY_UNKNOWN;
    const Message *message = &ledger->messages[seq];
    Place *place = &ledger->places[connection];
    if (message->room != place->room) {
        ledger->wrong_room++;
        return DELIVERY_WRONG_ROOM;
    }
    if (message->sender == connection && !ledger->self_delivery) return DELIVERY_OWN;
    if (has_seen(place, message->index)) {
        ledger->duplicates++;
        return DELIVERY_DUPLICATE;
    }
    if (is_late(ledger, place, message)) ledger->reordered++;
    mark_seen(place, message->index);
    if (message->index > place->highest) place->highest = message->index;
    place->received++;
    ledger->delivered++;
    return DELIVERY_NEW;
}
