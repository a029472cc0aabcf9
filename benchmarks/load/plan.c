#define _GNU_SOURCE
#include "plan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

static const double MAX_MESSAGES = 5e7, MAX_SECONDS = 86400;

/* ---- fields of an object */

static Json *member(Json *object, const char *name)
{
    for (Json *item = object->first; item; item = item->next) {
        if (strcmp(item->key, name) != 0) continue;
        item->taken = true;
        return item;
    }
    refuse("The plan lacks the field \"%s\".", name);
}

static Json *typed(Json *object, const char *name, JsonType type, const char *what)
{
    Json *item = member(object, name);
    if (item->type != type) refuse("\"%s\" in the plan has to be %s.", name, what);
    return item;
}

static double number(Json *object, const char *name, double least, double most)
{
    double value = typed(object, name, JSON_NUMBER, "a number")->number;
    if (!(value >= least && value <= most))
        refuse("\"%s\" in the plan is %g: expected %g to %g.", name, value, least, most);
    return value;
}

static int whole(Json *object, const char *name, double least, double most)
{
    double value = number(object, name, least, most);
    if (value != floor(value)) refuse("\"%s\" in the plan is %g: expected a whole number.", name, value);
    return (int)value;
}

static int64_t duration(Json *object, const char *name)
{
    return (int64_t)(number(object, name, 0, MAX_SECONDS) * SECOND);
}

static const char *text(Json *object, const char *name)
{
    return typed(object, name, JSON_STRING, "a text")->string;
}

static bool truth(Json *object, const char *name)
{
    return typed(object, name, JSON_BOOL, "true or false")->truth;
}

static Json *list(Json *object, const char *name, JsonType of, const char *what)
{
    Json *array = typed(object, name, JSON_ARRAY, what);
    for (Json *item = array->first; item; item = item->next)
        if (item->type != of) refuse("\"%s\" in the plan has to be %s.", name, what);
    return array;
}

static Numbers numbers(Json *object, const char *name, double most)
{
    Json *array = list(object, name, JSON_NUMBER, "a list of numbers");
    Numbers found = {allocate((size_t)array->count, sizeof(int)), 0};
    for (Json *item = array->first; item; item = item->next) {
        if (!(item->number >= 1 && item->number <= most))
            refuse("\"%s\" in the plan has %g: expected 1 to %.0f.", name, item->number, most);
        found.items[found.count++] = (int)item->number;
    }
    return found;
}

static Templates templates(Json *object, const char *name)
{
    Json *array = list(object, name, JSON_STRING, "a list of texts");
    Templates found = {allocate((size_t)array->count, sizeof(Template)), 0};
    for (Json *item = array->first; item; item = item->next)
        found.items[found.count++] = template_parse(item->string);
    return found;
}

/* The number of the one of `choices` that the field names. */
static int choice(Json *object, const char *name, const char *const *choices, int count)
{
    const char *chosen = text(object, name);
    char known[200] = "";
    for (int i = 0; i < count; i++) {
        if (strcmp(chosen, choices[i]) == 0) return i;
        snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s", i ? ", " : "", choices[i]);
    }
    refuse("\"%s\" in the plan is \"%s\": expected one of %s.", name, chosen, known);
}

static void refuse_unknown(Json *object)
{
    for (Json *item = object->first; item; item = item->next)
        if (!item->taken) refuse("The plan has a field that is not known: \"%s\".", item->key);
}

/* ---- the parts of a plan */

static void add_token(Plan *plan, const char *token)
{
    plan->tokens = grown(plan->tokens, (size_t)plan->token_count + 1, sizeof *plan->tokens);
    plan->tokens[plan->token_count++] = token;
}

static void read_token_file(Plan *plan, const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file) refuse("The file of tokens can't be read: %s.", path);
    char *line = NULL;
    size_t capacity = 0;
    while (getline(&line, &capacity, file) > 0) {
        line[strcspn(line, "\r\n")] = 0;
        if (*line) add_token(plan, copied(line));
    }
    free(line);
    fclose(file);
}

static void read_tokens(Plan *plan, Json *object)
{
    Json *tokens = member(object, "tokens");
    if (tokens->type == JSON_STRING) {
        read_token_file(plan, tokens->string);
        return;
    }
    list(object, "tokens", JSON_STRING, "a list of texts, or the name of a file");
    for (Json *item = tokens->first; item; item = item->next) add_token(plan, item->string);
}

static Templates read_headers(Json *object)
{
    Json *headers = typed(object, "headers", JSON_OBJECT, "an object of texts");
    Templates found = {allocate((size_t)headers->count, sizeof(Template)), 0};
    for (Json *item = headers->first; item; item = item->next) {
        char *line;
        if (item->type != JSON_STRING) refuse("\"headers\" in the plan has to be an object of texts.");
        if (strpbrk(item->string, "\r\n") || strpbrk(item->key, "\r\n: "))
            refuse("The header \"%s\" in the plan is not one line of name and value.", item->key);
        if (asprintf(&line, "%s: %s\r\n", item->key, item->string) < 0) refuse("There is not enough memory.");
        found.items[found.count++] = template_parse(line);
    }
    return found;
}

static void read_answers(Plan *plan, Json *object)
{
    Json *answers = list(object, "answers", JSON_ARRAY, "a list of pairs of texts");
    plan->answers = allocate((size_t)answers->count, sizeof *plan->answers);
    for (Json *pair = answers->first; pair; pair = pair->next) {
        if (pair->count != 2 || pair->first->type != JSON_STRING || pair->first->next->type != JSON_STRING)
            refuse("\"answers\" in the plan has to be a list of pairs of texts.");
        plan->answers[plan->answer_count++] =
            (Answer){pair->first->string, template_parse(pair->first->next->string)};
    }
}

static void read_ack(Plan *plan, Json *object)
{
    char *ack = copied(text(object, "ack"));
    char *token = strstr(ack, "{call_id}");
    if (token) {
        *token = 0;
        plan->ack_has_call_id = true;
        if (!*ack) refuse("\"ack\" in the plan needs some text before {call_id}.");
    }
    plan->ack = ack;
}

static void read_publisher(Plan *plan, Json *object)
{
    static const char *const kinds[] = {"subscribers", "separate"};
    Json *publisher = typed(object, "publisher", JSON_OBJECT, "an object with a kind");
    plan->publisher = plan->subscriber;
    if (choice(publisher, "kind", kinds, 2) == 1) {
        plan->publishers = whole(publisher, "connections", 1, 1e5);
        const char *path = text(publisher, "path");
        if (*path) plan->publisher.path = template_parse(path);
        plan->publisher.init = templates(publisher, "init");
        plan->publisher.resume = (Templates){0};
        plan->publisher.ready = text(publisher, "ready");
    }
    refuse_unknown(publisher);
}

static bool any_has(const Templates *templates, PieceKind kind)
{
    for (int i = 0; i < templates->count; i++)
        if (template_has(&templates->items[i], kind)) return true;
    return false;
}

static bool uses_tokens(const Plan *plan)
{
    for (int i = 0; i < plan->answer_count; i++)
        if (template_has(&plan->answers[i].reply, PIECE_TOKEN)) return true;
    return template_has(&plan->subscriber.path, PIECE_TOKEN) ||
           template_has(&plan->publisher.path, PIECE_TOKEN) || template_has(&plan->message, PIECE_TOKEN) ||
           any_has(&plan->headers, PIECE_TOKEN) || any_has(&plan->subscriber.init, PIECE_TOKEN) ||
           any_has(&plan->subscriber.resume, PIECE_TOKEN) || any_has(&plan->publisher.init, PIECE_TOKEN);
}

/* What no field alone can say. */
static void check(const Plan *plan)
{
    bool sends = plan->mode == MODE_PUBLISH || plan->mode == MODE_STORM;
    double seconds = (double)(plan->warmup + plan->duration) / SECOND;
    double messages = plan->mode == MODE_STORM ? (double)plan->missed * plan->rooms : plan->rate * seconds;
    if (!plan->ports.count) refuse("The plan names no port.");
    if (plan->rooms > plan->connections) refuse("The plan has more rooms than connections.");
    if (sends && !(plan->rate > 0)) refuse("The plan needs a rate above 0 to publish.");
    if (sends && !template_has(&plan->message, PIECE_MARK))
        refuse("The message of the plan needs {mark} in it.");
    if (sends && !(messages >= 1 && messages <= MAX_MESSAGES))
        refuse("The plan makes %.0f messages: expected 1 to %.0f.", messages, MAX_MESSAGES);
    if (plan->mode == MODE_STORM && !plan->publishers)
        refuse("A storm needs publishers of kind \"separate\": its subscribers are away.");
    if (uses_tokens(plan) && !plan->token_count) refuse("The plan uses {token} but has no tokens.");
}

Plan plan_read(const char *json, size_t size)
{
    static const char *const modes[] = {"publish", "idle", "connect", "storm"};
    static const char *const framings[] = {"plain", "engineio"};
    static const char *const cuts[] = {"reset", "close"};
    size_t at;
    Json *object = json_parse(json, size, &at);
    if (!object) refuse("The plan is not JSON: something is wrong at byte %zu.", at);
    if (object->type != JSON_OBJECT) refuse("The plan has to be a JSON object.");

    Plan plan = {.core = -1};
    plan.mode = (Mode)choice(object, "mode", modes, 4);
    plan.ports = numbers(object, "ports", 65535);
    plan.connections = whole(object, "connections", 1, 1e6);
    plan.rooms = whole(object, "rooms", 1, 1e6);
    plan.first_room = whole(object, "first_room", 0, 1e9);
    plan.subscriber.path = template_parse(text(object, "path"));
    plan.subscriber.init = templates(object, "init");
    plan.subscriber.resume = templates(object, "resume");
    plan.subscriber.ready = text(object, "ready");
    read_tokens(&plan, object);
    plan.headers = read_headers(object);
    plan.engineio = choice(object, "framing", framings, 2) == 1;
    plan.message = template_parse(text(object, "message"));
    plan.pad = whole(object, "pad", 0, 1e6);
    plan.rate = number(object, "rate", 0, 1e7);
    plan.warmup = duration(object, "warmup_s");
    plan.duration = duration(object, "duration_s");
    plan.drain = duration(object, "drain_s");
    plan.hold = duration(object, "hold_s");
    plan.connect_concurrency = whole(object, "connect_concurrency", 1, 1e6);
    plan.connect_rate = number(object, "connect_rate", 0, 1e6);
    plan.connect_timeout = duration(object, "connect_timeout_s");
    plan.missed = whole(object, "missed", 0, 1e6);
    plan.cut_by_reset = choice(object, "cut", cuts, 2) == 0;
    plan.retry = duration(object, "retry_s");
    read_answers(&plan, object);
    read_ack(&plan, object);
    plan.errors = text(object, "errors");
    plan.server_pids = numbers(object, "server_pids", INT32_MAX);
    plan.beside_pids = numbers(object, "beside_pids", INT32_MAX);
    plan.self_delivery = truth(object, "self_delivery");
    plan.spin = truth(object, "spin");
    read_publisher(&plan, object);
    if (member(object, "core")->type != JSON_NULL) plan.core = whole(object, "core", 0, 1023);
    refuse_unknown(object);
    check(&plan);
    return plan;
}
