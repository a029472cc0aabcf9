#include "report.h"

#include <stdio.h>

#include "json.h"
#include "modes.h"

static Buffer out;

static void add_count(const char *name, uint64_t value)
{
    buffer_print(&out, "\"%s\":%llu,", name, (unsigned long long)value);
}

static void add_number(const char *name, double value)
{
    buffer_print(&out, "\"%s\":%.6g,", name, value);
}

static void add_text(const char *name, const Buffer *text)
{
    buffer_print(&out, "\"%s\":", name);
    json_quote(&out, text->data, text->size);
    buffer_add(&out, ",", 1);
}

static void begin_object(const char *name)
{
    buffer_print(&out, "\"%s\":{", name);
}

/* Over the comma of the last member. */
static void end_object(void)
{
    out.data[out.size - 1] = '}';
    buffer_add(&out, ",", 1);
}

static void add_quantiles(const char *name, const Histogram *histogram)
{
    begin_object(name);
    add_count("count", histogram->count);
    add_number("p50", histogram_quantile(histogram, 0.5) / MILLISECOND);
    add_number("p90", histogram_quantile(histogram, 0.9) / MILLISECOND);
    add_number("p99", histogram_quantile(histogram, 0.99) / MILLISECOND);
    add_number("p999", histogram_quantile(histogram, 0.999) / MILLISECOND);
    add_number("max", (double)histogram->max / MILLISECOND);
    end_object();
}

static double per(double amount, double of)
{
    return of > 0 ? amount / of : 0;
}

static double measured_s(void)
{
    return (double)(run.end.at - run.begin.at) / SECOND;
}

static void add_usage(const char *name, int group)
{
    const Group *before = &run.before.groups[group], *connected = &run.connected.groups[group];
    const Group *begin = &run.begin.groups[group], *end = &run.end.groups[group];
    double cpu_s = end->cpu_s - begin->cpu_s;
    begin_object(name);
    add_number("cpu_s", cpu_s);
    add_number("cpu_util", per(cpu_s, measured_s()));
    add_number("rss_mb", end->rss_mb);
    add_number("rss_before_mb", before->rss_mb);
    double grown_kb = (connected->rss_mb - before->rss_mb) * 1024;
    add_number("kb_per_connection", per(grown_kb, (double)run.openings[0].ok));
    add_number("cpu_us_per_delivery", per(cpu_s * 1e6, (double)(run.deliveries - run.deliveries_at_begin)));
    end_object();
}

static void add_connect(void)
{
    const Openings *openings = &run.openings[0];
    begin_object("connect");
    add_count("ok", openings->ok);
    add_count("failed", openings->failed);
    add_number("seconds", openings->seconds);
    add_number("per_s", per((double)openings->ok, openings->seconds));
    add_quantiles("latency_ms", &openings->latency);
    end_object();
}

static void add_storm(void)
{
    const Openings *openings = &run.openings[1];
    begin_object("storm");
    add_count("back", storm.back);
    add_count("caught_up", storm.caught_up);
    add_count("attempts", openings->ok + openings->failed);
    add_count("failed", openings->failed);
    add_number("back_s", storm.back_s);
    add_number("caught_up_s", storm.caught_up_s);
    add_quantiles("back_ms", &storm.back_after);
    add_quantiles("caught_up_ms", &storm.caught_up_after);
    end_object();
}

/* From when the first measured message was due to `end`; the last one has its share of the time, too. */
static double span_s(int64_t end)
{
    if (!run.sender_count) return 0;
    double begin_s = run.schedule.measured_from / run.plan.rate;
    return (double)(end - run.schedule.begin) / SECOND - begin_s + 1 / run.plan.rate;
}

static void add_rates(void)
{
    add_number("messages_per_s", per((double)run.send_lag.count, span_s(run.last_sent)));
    add_number("deliveries_per_s", per((double)run.latency.count, span_s(run.last_delivery)));
}

void report_print(void)
{
    const Ledger *ledger = &run.ledger;
    buffer_add(&out, "{", 1);
    add_count("sent", run.sent);
    add_count("unsent", run.unsent);
    add_count("expected", ledger->expected);
    add_count("delivered", ledger->delivered);
    add_count("lost", ledger->expected - ledger->delivered);
    add_count("duplicates", ledger->duplicates);
    add_count("reordered", ledger->reordered);
    add_count("wrong_room", ledger->wrong_room);
    add_count("acknowledged", run.acknowledged);
    add_count("errors", run.errors);
    add_text("first_error", &run.first_error);
    add_count("closed", run.closed);
    add_text("first_failure", &run.first_failure);
    add_quantiles("latency_ms", &run.latency);
    add_quantiles("ack_latency_ms", &run.ack_latency);
    add_number("first_quarter_p50", histogram_quantile(&run.first_quarter, 0.5) / MILLISECOND);
    add_number("last_quarter_p50", histogram_quantile(&run.last_quarter, 0.5) / MILLISECOND);
    add_rates();
    add_quantiles("send_lag_ms", &run.send_lag);
    add_number("generator_util", per(run.end.own_cpu_s - run.begin.own_cpu_s, measured_s()));
    add_number("foreign_cpu_s", run.end.groups[FOREIGN].cpu_s - run.begin.groups[FOREIGN].cpu_s);
    add_number("measured_s", measured_s());
    add_count("frames", run.frames);
    add_count("reads", run.reads);
    add_usage("server", SERVER);
    add_usage("beside", BESIDE);
    add_connect();
    if (run.plan.mode == MODE_STORM) add_storm();
    end_object();
    out.data[out.size - 1] = '\n';
    fwrite(out.data, 1, out.size, stdout);
}
