/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    front: what `shock --viscous` and `shock --after` add to the record of a case.
*/

#include <string.h>
#include <caustic/front.h>
#include "shock_record.h"

#define MORE_DIGITS 30   /* the signature at small viscosities needs more of T* than it gives */
#define VALUE_DIGITS 20
#define INTERVAL_DIGITS 8
#define DEPTH_LIMIT 10    /* an interval of times is cut into at most 2^DEPTH_LIMIT */

static const char * const default_viscosities[] = {"1/1000", "1/10000", "1/1000000", "1/100000000"};

typedef struct
{
    json_t * record;
    caustic_verdict verdict;
    caustic_text_t why;
    caustic_front_t front;
    slong digits;
    arb_t lower;   /* the box, in the flat coordinate */
    arb_t upper;
    arb_t time;    /* T*, its foot and what arrives there */
    arb_t foot;
    arb_t position;
}
front_work_struct;

static json_t *
new_ball(const arb_t x, slong digits)
{
    json_t * object = json_object();

    json_set_bounds(object, x, digits);
    json_object_set_new(object, "ball", json_ball(x, digits));
    return object;
}

/* The box and the foot in the flat coordinate; its ends may be exchanged. */
static int
map_box(front_work_struct * work, const caustic_case_t problem, const caustic_shock_result_t shock, slong prec)
{
    const caustic_interval_struct * box = problem->shock.box;
    arb_t z;

    if (box->lower_infinite || box->upper_infinite)
    {
        caustic_text_append(work->why, "the box of shock is infinite: give a finite one");
        return 0;
    }
    arb_init(z);
    arb_set_fmpq(z, box->lower, prec);
    caustic_tape_evaluate_arb(work->lower, work->front->map, z, prec);
    arb_set_fmpq(z, box->upper, prec);
    caustic_tape_evaluate_arb(work->upper, work->front->map, z, prec);
    if (arb_lt(work->upper, work->lower))
        arb_swap(work->lower, work->upper);
    caustic_tape_evaluate_arb(work->foot, work->front->map, shock->at, prec);
    arb_set(work->time, shock->time);
    arb_clear(z);
    return 1;
}

/* s = y + t l'(y), where the characteristic from y is at the time t. */
static void
arrival(arb_t s, const front_work_struct * work, const arb_t y, const arb_t t, slong prec)
{
    arb_ptr loss = _arb_vec_init(2);

    caustic_tape_evaluate_series(&loss, work->front->tape, y, 2, prec);
    arb_mul(s, loss + 1, t, prec);
    arb_add(s, s, y, prec);
    _arb_vec_clear(loss, 2);
}

/* Viscous **************************************************************************************/

static json_t *
signature_at(front_work_struct * work, const arb_t limit, const fmpq_t viscosity)
{
    json_t * entry = json_object();
    arb_t value, distance;

    arb_init(value);
    arb_init(distance);
    json_object_set_new(entry, "viscosity", json_fmpq(viscosity));
    if (caustic_front_signature(value, work->front, work->position, work->time, work->foot, viscosity, VALUE_DIGITS) == CAUSTIC_OK)
    {
        json_object_set_new(entry, "value", new_ball(value, VALUE_DIGITS));
        /* over sqrt(nu), what it tends to: the approach is O(sqrt(nu)) */
        arb_sub(distance, value, limit, 256);
        arb_set_fmpq(value, viscosity, 256);
        arb_rsqrt(value, value, 256);
        arb_mul(distance, distance, value, 256);
        json_object_set_new(entry, "distance_over_root", new_ball(distance, 6));
    }
    else
    {
        work->verdict = CAUSTIC_UNDECIDED;
        json_object_set_new(entry, "detail", json_string("the viscous solution could not be enclosed there"));
    }
    arb_clear(value);
    arb_clear(distance);
    return entry;
}

static void
record_signature(json_t * viscous, front_work_struct * work, const caustic_case_t problem, const caustic_shock_result_t shock, slong prec)
{
    json_t * values = json_array();
    arb_t limit;
    fmpq_t nu;

    arb_init(limit);
    fmpq_init(nu);
    if (shock->verdict != CAUSTIC_PROVED || !shock->shock || shock->minimisers != 1 || shock->attained != 1)
    {
        work->verdict = CAUSTIC_UNDECIDED;
        caustic_text_append(work->why, "the signature is that of a shock time which is proved and attained at one place only");
    }
    else if (caustic_front_signature_limit(limit, work->position, work->why, work->front, work->lower, work->upper, work->foot, work->time,
            prec) == CAUSTIC_OK)
    {
        json_object_set_new(viscous, "limit", new_ball(limit, work->digits));
        json_object_set_new(viscous, "position", new_ball(work->position, work->digits));
        if (problem->shock.viscosities > 0)
            for (slong i = 0; i < problem->shock.viscosities; i++)
                json_array_append_new(values, signature_at(work, limit, problem->shock.viscosity + i));
        else
            for (size_t i = 0; i < sizeof(default_viscosities) / sizeof(default_viscosities[0]); i++)
            {
                fmpq_set_str(nu, default_viscosities[i], 10);
                json_array_append_new(values, signature_at(work, limit, nu));
            }
        json_object_set(viscous, "values", values);
    }
    else
        work->verdict = CAUSTIC_UNDECIDED;
    json_decref(values);
    arb_clear(limit);
    fmpq_clear(nu);
}

/* The steepest place and time, local: the first one up from the shock's beginning. */
static void
record_peak(json_t * viscous, front_work_struct * work, const fmpq_t viscosity, slong prec)
{
    json_t * peak = json_object();
    arb_t value, at, time;

    arb_init(value);
    arb_init(at);
    arb_init(time);
    arrival(at, work, work->foot, work->time, prec);
    json_object_set_new(peak, "viscosity", json_fmpq(viscosity));
    if (caustic_front_steepest(value, at, time, work->why, work->front, at, work->time, viscosity, work->digits) == CAUSTIC_OK)
    {
        json_object_set_new(peak, "scope", json_string("local"));
        json_object_set_new(peak, "value", new_ball(value, work->digits));
        json_object_set_new(peak, "at", new_ball(at, work->digits));
        json_object_set_new(peak, "time", new_ball(time, work->digits));
    }
    else
        work->verdict = CAUSTIC_UNDECIDED;
    json_object_set_new(viscous, "peak", peak);
    arb_clear(value);
    arb_clear(at);
    arb_clear(time);
}

static void
record_viscous(front_work_struct * work, const caustic_case_t problem, const caustic_shock_result_t shock, slong prec)
{
    json_t * viscous = json_object();

    record_signature(viscous, work, problem, shock, prec);
    if (problem->shock.peak != NULL)
        record_peak(viscous, work, problem->shock.peak, prec);
    json_object_set_new(work->record, "viscous", viscous);
}

/* After ****************************************************************************************/

static json_t *
shocks_list(const caustic_front_shocks_t shocks, slong digits)
{
    json_t * list = json_array();

    for (slong i = 0; i < shocks->length; i++)
    {
        const caustic_front_shock * shock = shocks->shock + i;
        json_t * entry = json_object();
        arb_t strength;

        arb_init(strength);
        arb_sub(strength, shock->v_left, shock->v_right, 4096);
        json_object_set_new(entry, "position", new_ball(shock->position, digits));
        json_object_set_new(entry, "speed", new_ball(shock->speed, digits));
        json_object_set_new(entry, "left", new_ball(shock->v_left, digits));
        json_object_set_new(entry, "right", new_ball(shock->v_right, digits));
        json_object_set_new(entry, "strength", new_ball(strength, digits));
        json_object_set_new(entry, "feet", json_pack("[o,o]", new_ball(shock->left, digits), new_ball(shock->right, digits)));
        json_array_append_new(list, entry);
        arb_clear(strength);
    }
    return list;
}

/* |u_viscous - u| and |v_viscous - v| half way between neighbouring shocks' feet, where the solution is smooth. */
static json_t *
convergence(front_work_struct * work, const caustic_front_shocks_t shocks, slong prec)
{
    json_t * list = json_array();
    arb_t y, s, rate_u, rate_v;
    fmpq_t largest;

    arb_init(y);
    arb_init(s);
    arb_init(rate_u);
    arb_init(rate_v);
    fmpq_init(largest);
    fmpq_set_si(largest, 1, 100);
    for (slong i = 0; i <= shocks->length; i++)
    {
        arb_add(y, i == 0 ? work->lower : shocks->shock[i - 1].right, i == shocks->length ? work->upper : shocks->shock[i].left, prec);
        arb_mul_2exp_si(y, y, -1);
        arb_get_mid_arb(y, y);
        arrival(s, work, y, shocks->t, prec);
        if (caustic_front_rate(rate_u, rate_v, work->front, s, shocks->t, largest, prec) == CAUSTIC_OK)
        {
            json_t * entry = json_object();

            json_object_set_new(entry, "position", new_ball(s, 10));
            json_object_set_new(entry, "largest_viscosity", json_fmpq(largest));
            json_object_set_new(entry, "u", new_ball(rate_u, 4));
            json_object_set_new(entry, "v", new_ball(rate_v, 4));
            json_array_append_new(list, entry);
        }
    }
    arb_clear(y);
    arb_clear(s);
    arb_clear(rate_u);
    arb_clear(rate_v);
    fmpq_clear(largest);
    return list;
}

static void
ball_between(arb_t t, const fmpq_t from, const fmpq_t to, slong prec)
{
    arb_t end;

    arb_init(end);
    arb_set_fmpq(t, from, prec);
    arb_set_fmpq(end, to, prec);
    arb_union(t, t, end, prec);
    arb_clear(end);
}

/* Pieces of [from, to] on each of which the shocks are enclosed for all times at once, `count` of them; bisection where that fails.
   Returns 0 if some piece stayed without. */
static int
enclose_between(json_t * pieces, front_work_struct * work, const fmpq_t from, const fmpq_t to, slong count, slong depth)
{
    caustic_front_shocks_t shocks;
    caustic_text_t why;
    arb_t t;
    int enclosed;

    caustic_front_shocks_init(shocks);
    caustic_text_init(why);
    arb_init(t);
    ball_between(t, from, to, 128);
    enclosed = caustic_front_shocks_at(shocks, why, work->front, work->lower, work->upper, t, INTERVAL_DIGITS) == CAUSTIC_OK
        && shocks->length == count;
    if (enclosed)
        json_array_append_new(pieces, json_pack("{s:o,s:o,s:o}", "from", json_fmpq(from), "to", json_fmpq(to), "shocks",
            shocks_list(shocks, 8)));
    else if (depth < DEPTH_LIMIT)
    {
        fmpq_t middle;

        fmpq_init(middle);
        fmpq_add(middle, from, to);
        fmpq_div_2exp(middle, middle, 1);
        enclosed = enclose_between(pieces, work, from, middle, count, depth + 1)
            && enclose_between(pieces, work, middle, to, count, depth + 1);
        fmpq_clear(middle);
    }
    caustic_front_shocks_clear(shocks);
    caustic_text_clear(why);
    arb_clear(t);
    return enclosed;
}

/* Every merger between the two times that is proved. */
static void
record_mergers(json_t * mergers, front_work_struct * work, const caustic_front_shocks_t before, const caustic_front_shocks_t after)
{
    caustic_text_t why;

    caustic_text_init(why);
    for (slong k = 0; k + 1 < before->length && before->length > after->length; k++)
    {
        caustic_front_merger_t merger;

        caustic_front_merger_init(merger);
        if (caustic_front_merge(merger, why, work->front, work->lower, work->upper, before, k, work->digits) == CAUSTIC_OK
            && arb_lt(before->t, merger->t) && arb_lt(merger->t, after->t))
            json_array_append_new(mergers, json_pack("{s:o,s:o}", "time", new_ball(merger->t, work->digits), "position",
                new_ball(merger->position, work->digits)));
        caustic_front_merger_clear(merger);
    }
    caustic_text_clear(why);
}

/* Simple numbers near 1.25, 2 and 4 times T*. */
static slong
default_times(fmpq ** times, const arb_t time)
{
    static const slong eighths[3] = {10, 16, 32};

    *times = flint_malloc(3 * sizeof(fmpq));
    for (slong i = 0; i < 3; i++)
    {
        fmpq_t low, high;
        double t = arf_get_d(arb_midref(time), ARF_RND_NEAR) * (double) eighths[i] / 8;
        arf_t x;

        arf_init(x);
        fmpq_init(low);
        fmpq_init(high);
        arf_set_d(x, 0.97 * t);
        arf_get_fmpq(low, x);
        arf_set_d(x, 1.03 * t);
        arf_get_fmpq(high, x);
        fmpq_init(*times + i);
        fmpq_simplest_between(*times + i, low, high);
        arf_clear(x);
        fmpq_clear(low);
        fmpq_clear(high);
    }
    return 3;
}

static void
record_after_times(front_work_struct * work, const fmpq * times, slong length, slong prec)
{
    json_t * list = json_array(), * intervals = json_array(), * mergers = json_array(), * after = json_object();
    caustic_front_shocks_t shocks[2];
    int known = 0;
    arb_t t;

    arb_init(t);
    caustic_front_shocks_init(shocks[0]);
    caustic_front_shocks_init(shocks[1]);
    for (slong i = 0; i < length; i++)
    {
        json_t * entry = json_object();
        caustic_front_shocks_struct * now = shocks[i & 1], * before = shocks[(i + 1) & 1];
        int found;

        arb_set_fmpq(t, times + i, prec);
        json_object_set_new(entry, "time", json_fmpq(times + i));
        found = caustic_front_shocks_at(now, work->why, work->front, work->lower, work->upper, t, work->digits) == CAUSTIC_OK;
        if (found)
        {
            json_object_set_new(entry, "shocks", shocks_list(now, work->digits));
            json_object_set_new(entry, "convergence", convergence(work, now, prec));
            if (known && before->length == now->length && now->length > 0)
                enclose_between(intervals, work, times + i - 1, times + i, now->length, 0);
            else if (known)
                record_mergers(mergers, work, before, now);
        }
        else
        {
            work->verdict = CAUSTIC_UNDECIDED;
            json_object_set_new(entry, "detail", json_string(work->why->data));
        }
        known = found;
        json_array_append_new(list, entry);
    }
    json_object_set_new(after, "times", list);
    json_object_set_new(after, "intervals", intervals);
    json_object_set_new(after, "mergers", mergers);
    json_object_set_new(work->record, "after", after);
    caustic_front_shocks_clear(shocks[0]);
    caustic_front_shocks_clear(shocks[1]);
    arb_clear(t);
}

static void
record_after(front_work_struct * work, const caustic_case_t problem, const caustic_shock_result_t shock, slong prec)
{
    fmpq * times;
    slong length;

    if (problem->shock.times > 0)
    {
        record_after_times(work, problem->shock.time, problem->shock.times, prec);
        return;
    }
    if (shock->verdict != CAUSTIC_PROVED || !shock->shock)
    {
        work->verdict = CAUSTIC_UNDECIDED;
        caustic_text_append(work->why, "without a proved shock time say at which times to look: shock: {after: [...]}");
        return;
    }
    length = default_times(&times, work->time);
    record_after_times(work, times, length, prec);
    for (slong i = 0; i < length; i++)
        fmpq_clear(times + i);
    flint_free(times);
}

/* Both *****************************************************************************************/

caustic_verdict
record_front(json_t * record, const caustic_case_t problem, const caustic_reduction_t reduction, const caustic_run_options * options)
{
    front_work_struct work = {.record = record, .verdict = CAUSTIC_PROVED};
    caustic_run_options more = *options;
    caustic_shock_result_t shock;
    slong prec;

    caustic_text_init(work.why);
    arb_init(work.lower);
    arb_init(work.upper);
    arb_init(work.time);
    arb_init(work.foot);
    arb_init(work.position);
    caustic_shock_result_init(shock);
    work.digits = digits_asked(problem, options);
    more.digits = work.digits + MORE_DIGITS;
    prec = (slong) (3.33 * (double) more.digits) + 64;
    line_shock(shock, problem, reduction, &more);

    if (caustic_front_init(work.front, work.why, reduction) != CAUSTIC_OK || !map_box(&work, problem, shock, prec))
        work.verdict = CAUSTIC_UNDECIDED;
    else
    {
        json_object_set_new(record, "flat_coordinate", json_expr(problem->setting->pool, work.front->flat->map));
        if (options->viscous)
            record_viscous(&work, problem, shock, prec);
        if (options->after)
            record_after(&work, problem, shock, prec);
    }
    if (work.why->length > 0)
        json_object_set_new(record, "front_detail", json_string(work.why->data));

    caustic_front_clear(work.front);
    caustic_shock_result_clear(shock);
    caustic_text_clear(work.why);
    arb_clear(work.lower);
    arb_clear(work.upper);
    arb_clear(work.time);
    arb_clear(work.foot);
    arb_clear(work.position);
    return work.verdict;
}

/* Text *****************************************************************************************/

static void
write_signature(caustic_text_t out, const json_t * viscous)
{
    const json_t * entry;
    size_t i;

    if (json_object_get(viscous, "limit") == NULL)
        return;
    write_label(out, "signature");
    caustic_text_printf(out, "sqrt(nu) |v_s(s*, T*)| -> %s\n", text_of(json_object_get(viscous, "limit"), "ball"));
    write_line(out, "", "where, and (value - limit)/sqrt(nu):");
    json_array_foreach(json_object_get(viscous, "values"), i, entry)
    {
        write_label(out, "");
        caustic_text_printf(out, "nu = %-12s %s  %s\n", text_of(entry, "viscosity"), json_object_get(entry, "value") == NULL
            ? text_of(entry, "detail") : text_of(json_object_get(entry, "value"), "ball"),
            text_of(json_object_get(entry, "distance_over_root"), "ball"));
    }
}

static void
write_peak(caustic_text_t out, const json_t * peak)
{
    if (json_object_get(peak, "value") == NULL)
        return;
    write_label(out, "peak");
    caustic_text_printf(out, "|v_s| = %s\n", text_of(json_object_get(peak, "value"), "ball"));
    write_label(out, "");
    caustic_text_printf(out, "s = %s\n", text_of(json_object_get(peak, "at"), "ball"));
    write_label(out, "");
    caustic_text_printf(out, "t = %s\n", text_of(json_object_get(peak, "time"), "ball"));
    write_label(out, "");
    caustic_text_printf(out, "nu = %s; a strict local maximum, proved; other ones are not searched\n", text_of(peak, "viscosity"));
}

static void
write_shocks(caustic_text_t out, const json_t * entry)
{
    const json_t * shock;
    size_t i;

    if (json_object_get(entry, "shocks") == NULL)
    {
        write_remark(out, "", text_of(entry, "detail"));
        return;
    }
    if (json_array_size(json_object_get(entry, "shocks")) == 0)
        write_line(out, "", "no shock");
    json_array_foreach(json_object_get(entry, "shocks"), i, shock)
    {
        write_label(out, "");
        caustic_text_printf(out, "shock at s = %s\n", text_of(json_object_get(shock, "position"), "ball"));
        write_label(out, "");
        caustic_text_printf(out, "  speed %s\n", text_of(json_object_get(shock, "speed"), "ball"));
        write_label(out, "");
        caustic_text_printf(out, "  v from %s\n", text_of(json_object_get(shock, "left"), "ball"));
        write_label(out, "");
        caustic_text_printf(out, "    to %s\n", text_of(json_object_get(shock, "right"), "ball"));
    }
}

void
write_front_text(caustic_text_t out, const json_t * record)
{
    const json_t * after = json_object_get(record, "after"), * entry;
    size_t i;

    if (json_object_get(record, "flat_coordinate") != NULL)
    {
        write_label(out, "below");
        caustic_text_printf(out, "s = %s\n", text_of(record, "flat_coordinate"));
    }
    write_signature(out, json_object_get(record, "viscous"));
    write_peak(out, json_object_get(json_object_get(record, "viscous"), "peak"));
    json_array_foreach(json_object_get(after, "times"), i, entry)
    {
        write_label(out, i == 0 ? "after" : "");
        caustic_text_printf(out, "t = %s\n", text_of(entry, "time"));
        write_shocks(out, entry);
    }
    if (json_array_size(json_object_get(after, "intervals")) > 0)
    {
        write_label(out, "");
        caustic_text_printf(out, "enclosed at all times between, on %ld pieces (JSON)\n",
            (long) json_array_size(json_object_get(after, "intervals")));
    }
    json_array_foreach(json_object_get(after, "mergers"), i, entry)
    {
        write_label(out, "merger");
        caustic_text_printf(out, "t = %s\n", text_of(json_object_get(entry, "time"), "ball"));
        write_label(out, "");
        caustic_text_printf(out, "s = %s\n", text_of(json_object_get(entry, "position"), "ball"));
    }
    if (json_object_get(record, "front_detail") != NULL)
        write_remark(out, "not shown", text_of(record, "front_detail"));
}
