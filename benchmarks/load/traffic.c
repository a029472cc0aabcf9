#define _GNU_SOURCE
#include "traffic.h"

#include <stdlib.h>
#include <string.h>

#include "connection.h"

enum { SENDS_PER_TURN = 256, MAX_EXCERPT = 500 };

static bool is_publisher(const Connection *connection)
{
    return connection->index >= run.plan.connections;
}

const Opening *traffic_opening(const Connection *connection)
{
    return is_publisher(connection) ? &run.plan.publisher : &run.plan.subscriber;
}

Values traffic_values(const Connection *connection)
{
    const Plan *plan = &run.plan;
    return (Values){
        .connection = connection->index,
        .room = plan->first_room + connection->index % plan->rooms,
        .token = plan->token_count ? plan->tokens[connection->index % plan->token_count] : "",
        .run = run.id,
        .pad = plan->pad,
        .seq_seen = connection->seq_seen,
        .epoch_seen = connection->epoch_seen,
    };
}

static bool say(Connection *connection, const Template *template, const Values *values)
{
    static Buffer text;
    text.size = 0;
    template_render(template, values, &text);
    return connection_send(connection, text.data, text.size);
}

static bool holds(const char *text, size_t size, const char *part)
{
    return *part && memmem(text, size, part, strlen(part));
}

static bool begins(const char *text, size_t size, const char *prefix)
{
    size_t length = strlen(prefix);
    return size >= length && memcmp(text, prefix, length) == 0;
}

/* The value after the first `key` in the text, such as "seq":17 or "epoch":"k3". */
static uint64_t number_after(const char *text, size_t size, const char *key, uint64_t otherwise)
{
    const char *found = memmem(text, size, key, strlen(key)), *end = text + size;
    uint64_t value = 0;
    if (!found) return otherwise;
    for (found += strlen(key); found < end && *found >= '0' && *found <= '9'; found++)
        value = value * 10 + (uint64_t)(*found - '0');
    return value;
}

static void epoch_after(const char *text, size_t size, char epoch[EPOCH_MAX + 1])
{
    const char *found = memmem(text, size, "\"epoch\":\"", 9), *end = text + size;
    size_t length = 0;
    if (!found) return;
    for (found += 9; found < end && *found != '"' && length < EPOCH_MAX; found++) epoch[length++] = *found;
    epoch[length] = 0;
}

/* ---- getting ready */

static void become_ready(Connection *connection, const char *text, size_t size)
{
    Openings *openings = &run.openings[run.round];
    if (!connection->resumes) {
        connection->seq_seen = number_after(text, size, "\"head\":", 0);
        epoch_after(text, size, connection->epoch_seen);
    }
    connection->state = READY;
    run.opening--;
    run.ready++;
    if (!is_publisher(connection)) {
        openings->ok++;
        histogram_add(&openings->latency, run.now - connection->since);
    }
    if (run.on_ready) run.on_ready(connection);
}

static void greet(Connection *connection)
{
    const Opening *opening = traffic_opening(connection);
    const Templates *init = connection->resumes && opening->resume.count ? &opening->resume : &opening->init;
    Values values = traffic_values(connection);
    connection->state = GREETING;
    for (int i = 0; i < init->count; i++) say(connection, &init->items[i], &values);
    if (!*opening->ready) become_ready(connection, "", 0);
}

void traffic_upgraded(Connection *connection)
{
    if (run.plan.engineio) connection->state = JOINING;
    else greet(connection);
}

/* Packets of Engine.IO (open, ping) and of Socket.IO (connected, refused). Whether it was one. */
static bool take_engineio(Connection *connection, const char *text, size_t size)
{
    if (size == 1 && *text == '2') connection_send(connection, "3", 1);
    else if (connection->state == JOINING && begins(text, size, "0{")) connection_send(connection, "40", 2);
    else if (connection->state == JOINING && begins(text, size, "40")) greet(connection);
    else if (begins(text, size, "44"))
        connection_fail(connection, "Socket.IO refused a connection: %.*s.", (int)size, text);
    else return false;
    return true;
}

/* ---- receiving */

static bool is_measured(uint32_t seq)
{
    return seq >= run.schedule.measured_from;
}

static void count_latency(uint32_t seq)
{
    int64_t latency = run.now - run.ledger.messages[seq].scheduled;
    uint32_t measured = run.schedule.total - run.schedule.measured_from;
    uint64_t quarter = UINT64_C(4) * (seq - run.schedule.measured_from) / measured;
    histogram_add(&run.latency, latency);
    if (quarter == 0) histogram_add(&run.first_quarter, latency);
    if (quarter == 3) histogram_add(&run.last_quarter, latency);
}

static void take_delivery(Connection *connection, uint32_t seq, const char *text, size_t size)
{
    if (is_publisher(connection)) return;
    if (ledger_receive(&run.ledger, connection->index, seq) != DELIVERY_NEW) return;
    run.deliveries++;
    run.last_delivery = run.now;
    if (is_measured(seq)) count_latency(seq);
    if (run.plan.mode == MODE_STORM)
        connection->seq_seen = number_after(text, size, "\"seq\":", connection->seq_seen);
    if (run.on_new) run.on_new(connection);
}

static void take_error(Connection *connection, const char *text, size_t size)
{
    run.errors++;
    if (!run.first_error.size) buffer_add(&run.first_error, text, size < MAX_EXCERPT ? size : MAX_EXCERPT);
    if (is_opening(connection))
        connection_fail(connection, "The server refused a connection with an error frame.");
}

static void take_ack(Connection *connection, const char *text, size_t size)
{
    if (!run.plan.ack_has_call_id) {
        run.acknowledged++;
        return;
    }
    uint64_t seq = number_after(text, size, run.plan.ack, 0) - FIRST_CALL_ID;
    if (seq >= run.ledger.count) return;
    Message *message = &run.ledger.messages[seq];
    if (message->sender != connection->index || message->acknowledged) return;
    message->acknowledged = true;
    run.acknowledged++;
    if (is_measured((uint32_t)seq)) histogram_add(&run.ack_latency, run.now - message->scheduled);
}

static void answer(Connection *connection, const char *text, size_t size)
{
    for (int i = 0; i < run.plan.answer_count; i++) {
        const Answer *known = &run.plan.answers[i];
        if (!begins(text, size, known->prefix)) continue;
        Values values = traffic_values(connection);
        say(connection, &known->reply, &values);
        return;
    }
}

void traffic_text(Connection *connection, const char *text, size_t size)
{
    uint32_t seq;
    if (mark_find(text, size, run.id, &seq)) take_delivery(connection, seq, text, size);
    else if (run.plan.engineio && take_engineio(connection, text, size)) return;
    else if (connection->state == GREETING && holds(text, size, traffic_opening(connection)->ready))
        become_ready(connection, text, size);
    else if (holds(text, size, run.plan.errors)) take_error(connection, text, size);
    else if (holds(text, size, run.plan.ack)) take_ack(connection, text, size);
    else answer(connection, text, size);
}

/* ---- sending */

int64_t traffic_due_at(uint32_t seq)
{
    return run.schedule.begin + (int64_t)((double)seq * SECOND / run.plan.rate);
}

int64_t traffic_next_due(void)
{
    return run.ledger.count < run.schedule.total ? traffic_due_at(run.ledger.count) : NEVER;
}

/* Senders take turns; a separate publisher takes the rooms in turn, too. */
static void send_message(int64_t due)
{
    uint32_t number = run.ledger.count;
    int sender = run.senders[number % (uint32_t)run.sender_count];
    Connection *connection = &run.connections[sender];
    int room = is_publisher(connection) ? (int)(number % (uint32_t)run.plan.rooms) : sender % run.plan.rooms;
    Values values = traffic_values(connection);
    values.room = run.plan.first_room + room;
    values.seq = ledger_send(&run.ledger, due, sender, room);
    run.last_sent = now_ns();
    if (is_measured(values.seq)) histogram_add(&run.send_lag, run.last_sent - due);
    if (connection->state == READY && say(connection, &run.plan.message, &values)) run.sent++;
    else run.unsent++;
}

void traffic_send_due(void)
{
    for (int i = 0; i < SENDS_PER_TURN; i++) {
        int64_t due = traffic_next_due();
        if (due > run.now) return;
        send_message(due);
    }
}
