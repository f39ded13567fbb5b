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
#define PROFILE_DIGITS 15
#define PROFILE_REACH 3  /* in units of 4 nu over the jump */
#define FAILURES 8
#define DEPTH_LIMIT 10    /* an interval of times is cut into at most 2^DEPTH_LIMIT */
#define WINDOW 8          /* to both sides of the foot, in the flat coordinate, where the box is infinite */
#define WIDENINGS 3
#define MERGER_STEPS 12

static const char * const default_viscosities[] = {"1/1000", "1/10000", "1/1000000", "1/100000000"};

typedef struct
{
    json_t * part; /* of the record that is being written: what is not decided is said there */
    caustic_verdict verdict;
    caustic_front_t front;
    slong digits;
    arb_t lower;   /* the box, in the flat coordinate; a window about the foot where it is infinite */
    arb_t upper;
    slong failures; /* pieces of an interval of times that were left out */
    slong widening; /* that of the box with which all shocks were found last */
    int cut;        /* lower or upper is that of the window, so that less than the box is looked at */
    arb_t time;    /* T*, its foot and what arrives there */
    arb_t foot;
    arb_t position;
}
front_work_struct;

/* The part is UNDECIDED, for this reason beside those before it. */
static void
leave_undecided(front_work_struct * work, const char * why)
{
    const char * before = text_of(work->part, "detail");

    work->verdict = CAUSTIC_UNDECIDED;
    if (strstr(before, why) == NULL)
        json_object_set_new(work->part, "detail", json_sprintf("%s%s%s", before, *before == '\0' ? "" : "; ", why));
}

static json_t *
new_ball(const arb_t x, slong digits)
{
    json_t * object = json_object();

    json_set_bounds(object, x, digits);
    json_object_set_new(object, "ball", json_ball(x, digits));
    return object;
}

/* An end of the box in the flat coordinate, where it is finite; else WINDOW beyond the foot, and 0. */
static int
map_end(arb_t s, const front_work_struct * work, const fmpq_t end, int infinite, int side, slong prec)
{
    arb_t z;
    int known;

    arb_init(z);
    arb_indeterminate(s);
    if (!infinite)
    {
        arb_set_fmpq(z, end, prec);
        caustic_tape_evaluate_arb(s, work->front->map, z, prec);
    }
    known = arb_is_finite(s);
    if (!known)
    {
        arb_set_si(s, side * WINDOW);
        if (arb_is_finite(work->foot))
        {
            arb_add(s, s, work->foot, prec);
            arb_get_mid_arb(s, s);
        }
    }
    arb_clear(z);
    return known;
}

/* The flat coordinate falls where the case's grows: known from one point, as the map has no critical one. */
static int
map_falls(const front_work_struct * work, const caustic_interval_struct * box, slong prec)
{
    arb_ptr series = _arb_vec_init(2);
    arb_t z;
    int falls;

    arb_init(z);
    arb_set_fmpq(z, box->lower_infinite ? box->upper : box->lower, prec);
    if (box->lower_infinite != box->upper_infinite)
        arb_add_si(z, z, box->lower_infinite ? -1 : 1, prec);
    else if (box->lower_infinite)
        arb_zero(z);
    else
    {
        arb_set_fmpq(series, box->upper, prec);
        arb_add(z, z, series, prec);
        arb_mul_2exp_si(z, z, -1);
    }
    caustic_tape_evaluate_series(&series, work->front->map, z, 2, prec);
    falls = arb_is_negative(series + 1);
    arb_clear(z);
    _arb_vec_clear(series, 2);
    return falls;
}

/* A whole turn of a circle lies between the ends. */
static int
is_a_turn(const front_work_struct * work, slong prec)
{
    caustic_tape * tape;
    arb_t period, width;
    int turn;

    if (work->front->period == CAUSTIC_NONE)
        return 0;
    tape = caustic_tape_new(work->front->pool, &work->front->period, 1, &work->front->flat->s, 1);
    arb_init(period);
    arb_init(width);
    caustic_tape_evaluate_arb(period, tape, width, prec);
    arb_sub(width, work->upper, work->lower, prec);
    turn = arb_gt(width, period);
    caustic_tape_free(tape);
    arb_clear(period);
    arb_clear(width);
    return turn;
}

/* The box and the foot in the flat coordinate. */
static void
map_box(front_work_struct * work, const caustic_case_t problem, const caustic_shock_result_t shock, slong prec)
{
    const caustic_interval_struct * box = problem->shock.box;
    int side = map_falls(work, box, prec) ? -1 : 1, known;

    arb_indeterminate(work->foot);
    if (shock->verdict == CAUSTIC_PROVED && shock->shock)
        caustic_tape_evaluate_arb(work->foot, work->front->map, shock->at, prec);
    known = map_end(work->lower, work, box->lower, box->lower_infinite, -side, prec);
    known = map_end(work->upper, work, box->upper, box->upper_infinite, side, prec) && known;
    if (side < 0)
        arb_swap(work->lower, work->upper);
    work->cut = !known && !is_a_turn(work, prec);
    arb_set(work->time, shock->time);
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
        leave_undecided(work, "the viscous solution could not be enclosed at each viscosity");
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
    caustic_text_t why;
    arb_t limit;
    fmpq_t nu;

    arb_init(limit);
    fmpq_init(nu);
    caustic_text_init(why);
    if (shock->verdict == CAUSTIC_PROVED && !shock->shock)
        json_object_set_new(viscous, "smooth", json_true()); /* no shock begins, so that there is no signature */
    else if (shock->verdict != CAUSTIC_PROVED || shock->minimisers != 1 || shock->attained != 1)
        leave_undecided(work, "the signature is that of a shock time which is proved and attained at one place only");
    else if (caustic_front_signature_limit(limit, work->position, why, work->front, work->lower, work->upper, work->foot, work->time,
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
        leave_undecided(work, why->data);
    json_decref(values);
    caustic_text_clear(why);
    arb_clear(limit);
    fmpq_clear(nu);
}

/* The steepest place and time, and whether it is the steepest of all. */
static void
record_peak(json_t * viscous, front_work_struct * work, const fmpq_t viscosity, slong prec)
{
    json_t * peak = json_object();
    static const char * const scopes[] = {"local", "steepest", "global"};
    caustic_front_scope scope;
    caustic_text_t why;
    arb_t value, at, time;

    caustic_text_init(why);
    arb_init(value);
    arb_init(at);
    arb_init(time);
    arrival(at, work, work->foot, work->time, prec);
    json_object_set_new(peak, "viscosity", json_fmpq(viscosity));
    if (caustic_front_steepest(value, at, time, &scope, why, work->front, at, work->time, viscosity, work->digits) == CAUSTIC_OK)
    {
        json_object_set_new(peak, "scope", json_string(scopes[scope]));
        json_object_set_new(peak, "value", new_ball(value, work->digits));
        json_object_set_new(peak, "at", new_ball(at, work->digits));
        json_object_set_new(peak, "time", new_ball(time, work->digits));
    }
    else
        leave_undecided(work, why->data);
    if (json_object_get(peak, "value") != NULL && why->length > 0)
        json_object_set_new(peak, "detail", json_string(why->data));
    json_object_set_new(viscous, "peak", peak);
    caustic_text_clear(why);
    arb_clear(value);
    arb_clear(at);
    arb_clear(time);
}

static void
record_viscous(front_work_struct * work, const caustic_case_t problem, const caustic_shock_result_t shock, slong prec)
{
    record_signature(work->part, work, problem, shock, prec);
    if (problem->shock.peak != NULL)
        record_peak(work->part, work, problem->shock.peak, prec);
}

/* After ****************************************************************************************/

/* All shocks that swallow characteristics from the box. Where its ends are no feet any more, or characteristics from beyond arrive before
   theirs, in a wider box. */
static int
shocks_on_box(caustic_front_shocks_t shocks, caustic_text_t why, front_work_struct * work, const arb_t t, slong digits, slong widenings)
{
    arb_t lower, upper, width, later;
    int found = 0;

    arb_init(lower);
    arb_init(upper);
    arb_init(width);
    arb_init(later);
    /* what is still a foot as long after the last of these times as that is after the first has room to the shocks' feet at all of them */
    arb_set_arf(later, arb_midref(t));
    arb_get_rad_arb(width, t);
    arb_addmul_si(later, width, 3, 64);
    arb_get_mid_arb(later, later);
    arb_sub(width, work->upper, work->lower, 64);
    arb_mul_2exp_si(width, width, -1);
    arb_mul_2exp_si(width, width, work->widening);
    for (slong k = work->widening; k <= widenings && !found; k++, arb_mul_2exp_si(width, width, 1))
    {
        caustic_text_reset(why);
        arb_set(lower, work->lower);
        arb_set(upper, work->upper);
        if (k > 0)
            caustic_front_guess_feet(lower, upper, work->front, work->lower, work->upper, width, later);
        found = caustic_front_shocks_at(shocks, why, work->front, lower, upper, t, digits) == CAUSTIC_OK;
        if (found)
            work->widening = k;
    }
    if (found)
        caustic_front_shocks_keep(shocks, work->front, work->lower, work->upper);
    arb_clear(lower);
    arb_clear(upper);
    arb_clear(width);
    arb_clear(later);
    return found;
}

/* v across the shock for one viscosity beside its limit [FRONT-11]. */
static json_t *
profile_of(front_work_struct * work, const arb_t t, const caustic_front_shock * shock, const fmpq_t viscosity, slong prec)
{
    json_t * list = json_array();
    arb_ptr u = _arb_vec_init(3);
    arb_t x, s, limit;

    arb_init(x);
    arb_init(s);
    arb_init(limit);
    for (slong i = -PROFILE_REACH; i <= PROFILE_REACH; i++)
    {
        json_t * entry = json_object();

        arb_set_si(x, i);
        caustic_front_profile(limit, work->front, t, shock, x, prec);
        arb_sub(s, shock->v_left, shock->v_right, prec);
        arb_div(s, x, s, prec);
        arb_mul_fmpz(s, s, fmpq_numref(viscosity), prec);
        arb_div_fmpz(s, s, fmpq_denref(viscosity), prec);
        arb_mul_2exp_si(s, s, 2);
        arb_add(s, s, shock->position, prec);
        arb_get_mid_arb(s, s); /* a place, next to which x is what it was but for the last digits */
        json_object_set_new(entry, "x", json_integer(i));
        json_object_set_new(entry, "position", new_ball(s, PROFILE_DIGITS));
        if (caustic_front_viscous(u, work->front, s, t, shock->left, viscosity, PROFILE_DIGITS) == CAUSTIC_OK)
        {
            json_object_set_new(entry, "v", new_ball(u + 1, PROFILE_DIGITS));
            json_object_set_new(entry, "limit", new_ball(limit, PROFILE_DIGITS));
            arb_sub(limit, u + 1, limit, prec);
            arb_div_fmpz(limit, limit, fmpq_numref(viscosity), prec);
            arb_mul_fmpz(limit, limit, fmpq_denref(viscosity), prec);
            json_object_set_new(entry, "difference_over_viscosity", new_ball(limit, 6));
        }
        else
            leave_undecided(work, "the viscous solution could not be enclosed all across each shock");
        json_array_append_new(list, entry);
    }
    arb_clear(x);
    arb_clear(s);
    arb_clear(limit);
    _arb_vec_clear(u, 3);
    return json_pack("{s:o,s:o}", "viscosity", json_fmpq(viscosity), "values", list);
}

/* Adds "profiles" to each shock of the list, which is that of `shocks`. */
static void
add_profiles(json_t * list, front_work_struct * work, const caustic_front_shocks_t shocks, const caustic_shock_block * block, slong prec)
{
    for (slong i = 0; i < shocks->length && block->profiles > 0; i++)
    {
        json_t * profiles = json_array();

        for (slong k = 0; k < block->profiles; k++)
            json_array_append_new(profiles, profile_of(work, shocks->t, shocks->shock + i, block->profile + k, prec));
        json_object_set_new(json_array_get(list, (size_t) i), "profiles", profiles);
    }
}

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

/* Pieces of [from, to] on each of which the shocks are enclosed for all times at once; bisection where that fails, as it does around births
   and mergers: pieces shorter than 2^-DEPTH_LIMIT of the whole are left out, and after FAILURES of them all that follow. */
static void
enclose_between(json_t * pieces, front_work_struct * work, const fmpq_t from, const fmpq_t to, slong depth)
{
    caustic_front_shocks_t shocks;
    caustic_text_t why;
    arb_t t;

    caustic_front_shocks_init(shocks);
    caustic_text_init(why);
    arb_init(t);
    ball_between(t, from, to, 128);
    if (depth == 0)
        work->failures = 0;
    if (work->failures < FAILURES && shocks_on_box(shocks, why, work, t, INTERVAL_DIGITS, work->widening))
        json_array_append_new(pieces, json_pack("{s:o,s:o,s:o}", "from", json_fmpq(from), "to", json_fmpq(to), "shocks",
            shocks_list(shocks, 8)));
    else if (depth < DEPTH_LIMIT && work->failures < FAILURES)
    {
        fmpq_t middle;

        fmpq_init(middle);
        fmpq_add(middle, from, to);
        fmpq_div_2exp(middle, middle, 1);
        enclose_between(pieces, work, from, middle, depth + 1);
        enclose_between(pieces, work, middle, to, depth + 1);
        fmpq_clear(middle);
    }
    else
        work->failures++;
    caustic_front_shocks_clear(shocks);
    caustic_text_clear(why);
    arb_clear(t);
}

/* The births before the last time. */
static void
record_births(json_t * list, caustic_front_births_t births, front_work_struct * work, const arb_t last)
{
    (void) !caustic_front_births(births, work->front, work->lower, work->upper, last, work->digits);
    for (slong i = 0; i < births->length; i++)
    {
        const caustic_front_birth * birth = births->birth + i;

        json_array_append_new(list, json_pack("{s:o,s:o,s:o,s:o,s:o}", "time", new_ball(birth->t, work->digits), "position",
            new_ball(birth->position, work->digits), "foot", new_ball(birth->foot, work->digits), "growth", new_ball(birth->growth,
            work->digits), "signature", new_ball(birth->signature, work->digits)));
    }
}

/* Whether a merger at this time and place is in the list. */
static int
is_recorded(const caustic_front_merger_struct * list, slong length, const caustic_front_merger_t merger)
{
    for (slong i = 0; i < length; i++)
        if (arb_overlaps(list[i].t, merger->t) && arb_overlaps(list[i].position, merger->position))
            return 1;
    return 0;
}

/* The mergers of neighbours in `now` before the time of `after`, those that are new; the earliest time among all. */
static void
add_mergers(caustic_front_merger_struct ** list, slong * length, arb_t earliest, front_work_struct * work, const caustic_front_shocks_t now,
    const caustic_front_shocks_t after)
{
    caustic_text_t why;

    caustic_text_init(why);
    arb_pos_inf(earliest);
    for (slong k = 0; k + 1 < now->length; k++)
    {
        caustic_front_merger_struct merger;

        caustic_front_merger_init(&merger);
        if (caustic_front_merge(&merger, why, work->front, now, k, work->digits) == CAUSTIC_OK && arb_lt(now->t, merger.t)
            && arb_lt(merger.t, after->t))
        {
            arb_min(earliest, earliest, merger.t, 64);
            if (!is_recorded(*list, *length, &merger))
            {
                *list = flint_realloc(*list, sizeof(merger) * (*length + 1));
                (*list)[(*length)++] = merger;
                continue;
            }
        }
        caustic_front_merger_clear(&merger);
    }
    caustic_text_clear(why);
}

/* Mergers between the two times: those that Newton's method finds from `before`, from right after the earliest of them, and from
   times between, until as many shocks have gone as are missing. */
static void
record_mergers(json_t * mergers, front_work_struct * work, const caustic_front_shocks_t before, const caustic_front_shocks_t after,
    slong born)
{
    caustic_front_shocks_t now;
    caustic_front_merger_struct * list = NULL;
    caustic_text_t why;
    slong length = 0, missing = before->length + born - after->length;
    arb_t t, earliest;

    caustic_front_shocks_init(now);
    caustic_text_init(why);
    arb_init(t);
    arb_init(earliest);
    add_mergers(&list, &length, earliest, work, before, after);
    arb_set(t, before->t);
    for (slong step = 0; step < MERGER_STEPS && length < missing; step++)
    {
        /* right after the earliest, or the middle of what is left */
        arb_sub(t, after->t, arb_is_finite(earliest) ? earliest : t, 64);
        arb_mul_2exp_si(t, t, arb_is_finite(earliest) ? -6 : -1);
        arb_is_finite(earliest) ? arb_add(t, earliest, t, 64) : arb_sub(t, after->t, t, 64);
        arb_get_mid_arb(t, t);
        if (!shocks_on_box(now, why, work, t, INTERVAL_DIGITS, WIDENINGS))
            break;
        add_mergers(&list, &length, earliest, work, now, after);
    }
    for (slong i = 0; i < length; i++)
    {
        json_array_append_new(mergers, json_pack("{s:o,s:o}", "time", new_ball(list[i].t, work->digits), "position",
            new_ball(list[i].position, work->digits)));
        caustic_front_merger_clear(list + i);
    }
    flint_free(list);
    caustic_front_shocks_clear(now);
    caustic_text_clear(why);
    arb_clear(t);
    arb_clear(earliest);
}

/* Births certainly between the two times. */
static slong
born_between(const caustic_front_births_t births, const arb_t from, const arb_t to)
{
    slong count = 0;

    for (slong i = 0; i < births->length; i++)
        count += arb_gt(births->birth[i].t, from) && arb_lt(births->birth[i].t, to);
    return count;
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

/* Says so where a kink of the loss may be what stood in the way. */
static void
report_kink(const front_work_struct * work, caustic_text_t why)
{
    caustic_expr kink;
    arb_t box;

    arb_init(box);
    arb_union(box, work->lower, work->upper, 64);
    kink = caustic_expr_kink(work->front->pool, work->front->loss, work->front->flat->s, box, 64);
    if (kink != CAUSTIC_NONE)
    {
        char * text = caustic_expr_string(work->front->pool, kink);

        caustic_text_printf(why, "; the loss has a kink, %s, where its derivatives mean nothing", text);
        flint_free(text);
    }
    arb_clear(box);
}

static void
record_after_times(front_work_struct * work, const caustic_shock_block * block, const fmpq * times, slong length, slong prec)
{
    json_t * list = json_array(), * intervals = json_array(), * mergers = json_array(), * began = json_array();
    caustic_front_shocks_t shocks[2];
    caustic_front_births_t births;
    caustic_text_t why;
    int known = 0;
    arb_t t;

    arb_init(t);
    caustic_text_init(why);
    caustic_front_births_init(births);
    caustic_front_shocks_init(shocks[0]);
    caustic_front_shocks_init(shocks[1]);
    arb_set_fmpq(t, times + length - 1, prec);
    record_births(began, births, work, t);
    for (slong i = 0; i < length; i++)
    {
        json_t * entry = json_object();
        caustic_front_shocks_struct * now = shocks[i & 1], * before = shocks[(i + 1) & 1];
        int found;

        arb_set_fmpq(t, times + i, prec);
        json_object_set_new(entry, "time", json_fmpq(times + i));
        found = shocks_on_box(now, why, work, t, work->digits, WIDENINGS);
        if (found)
        {
            json_object_set_new(entry, "shocks", shocks_list(now, work->digits));
            add_profiles(json_object_get(entry, "shocks"), work, now, block, prec);
            json_object_set_new(entry, "convergence", convergence(work, now, prec));
        }
        else
        {
            leave_undecided(work, "the shocks were not all found at each time");
            report_kink(work, why);
            json_object_set_new(entry, "detail", json_string(why->data));
        }
        if (found && known)
        {
            enclose_between(intervals, work, times + i - 1, times + i, 0);
            record_mergers(mergers, work, before, now, born_between(births, before->t, now->t));
        }
        known = found;
        json_array_append_new(list, entry);
    }
    json_object_set_new(work->part, "births", began);
    json_object_set_new(work->part, "births_complete", json_boolean(births->complete && !work->cut));
    if (work->cut)
        json_object_set_new(work->part, "window", json_pack("[o,o]", new_ball(work->lower, VALUE_DIGITS), new_ball(work->upper, VALUE_DIGITS)));
    json_object_set_new(work->part, "times", list);
    json_object_set_new(work->part, "intervals", intervals);
    json_object_set_new(work->part, "mergers", mergers);
    caustic_text_clear(why);
    caustic_front_births_clear(births);
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
        record_after_times(work, &problem->shock, problem->shock.time, problem->shock.times, prec);
        return;
    }
    if (shock->verdict == CAUSTIC_PROVED && !shock->shock)
    {
        json_object_set_new(work->part, "smooth", json_true());
        return;
    }
    if (shock->verdict != CAUSTIC_PROVED)
    {
        leave_undecided(work, "without a proved shock time say at which times to look: shock: {after: [...]}");
        return;
    }
    length = default_times(&times, work->time);
    record_after_times(work, &problem->shock, times, length, prec);
    for (slong i = 0; i < length; i++)
        fmpq_clear(times + i);
    flint_free(times);
}

/* Both *****************************************************************************************/

typedef void (* part_function)(front_work_struct *, const caustic_case_t, const caustic_shock_result_t, slong);

/* record[key] = {..., "verdict"}. */
static caustic_verdict
record_part(json_t * record, const char * key, part_function write_part, front_work_struct * work, const caustic_case_t problem,
    const caustic_shock_result_t shock, slong prec)
{
    work->part = json_object();
    work->verdict = CAUSTIC_PROVED;
    write_part(work, problem, shock, prec);
    json_object_set_new(work->part, "verdict", json_verdict(work->verdict));
    json_object_set_new(record, key, work->part);
    return work->verdict;
}

/* Where no shock begins the front need not be known. */
static int
record_smooth(json_t * record, const caustic_case_t problem, const caustic_reduction_t reduction, const caustic_run_options * options)
{
    caustic_shock_result_t shock;
    int smooth = 0;

    if (problem->setting->coordinates != 1 || problem->shock.scope != CAUSTIC_SCOPE_GLOBAL)
        return 0;
    caustic_shock_result_init(shock);
    line_shock(shock, problem, reduction, options);
    smooth = shock->verdict == CAUSTIC_PROVED && !shock->shock;
    caustic_shock_result_clear(shock);
    if (smooth && options->viscous)
        json_object_set_new(record, "viscous", json_pack("{s:b,s:o}", "smooth", 1, "verdict", json_verdict(CAUSTIC_PROVED)));
    if (smooth && options->after)
        json_object_set_new(record, "after", json_pack("{s:b,s:o}", "smooth", 1, "verdict", json_verdict(CAUSTIC_PROVED)));
    return smooth;
}

caustic_verdict
record_front(json_t * record, const caustic_case_t problem, const caustic_reduction_t reduction, const caustic_run_options * options)
{
    front_work_struct work = {.digits = digits_asked(problem, options)};
    caustic_run_options more = *options;
    caustic_shock_result_t shock;
    caustic_text_t why;
    caustic_verdict verdict = CAUSTIC_PROVED;
    slong prec;

    caustic_text_init(why);
    arb_init(work.lower);
    arb_init(work.upper);
    arb_init(work.time);
    arb_init(work.foot);
    arb_init(work.position);
    caustic_shock_result_init(shock);
    more.digits = work.digits + MORE_DIGITS;
    prec = (slong) (3.33 * (double) more.digits) + 64;

    if (caustic_front_init(work.front, why, reduction) == CAUSTIC_OK)
    {
        line_shock(shock, problem, reduction, &more);
        map_box(&work, problem, shock, prec);
        json_object_set_new(record, "flat_coordinate", json_expr(problem->setting->pool, work.front->flat->map));
        if (work.front->period != CAUSTIC_NONE)
            json_object_set_new(record, "period", json_expr(problem->setting->pool, work.front->period));
        if (options->viscous)
            verdict = record_part(record, "viscous", record_viscous, &work, problem, shock, prec);
        if (options->after)
            verdict = caustic_verdict_and(verdict, record_part(record, "after", record_after, &work, problem, shock, prec));
    }
    else if (!record_smooth(record, problem, reduction, options))
    {
        verdict = CAUSTIC_UNDECIDED;
        json_object_set_new(record, "front_detail", json_string(why->data));
    }

    caustic_front_clear(work.front);
    caustic_shock_result_clear(shock);
    caustic_text_clear(why);
    arb_clear(work.lower);
    arb_clear(work.upper);
    arb_clear(work.time);
    arb_clear(work.foot);
    arb_clear(work.position);
    return verdict;
}

json_t *
report_front(const caustic_case_t problem, const caustic_run_options * options)
{
    caustic_reduction_t reduction;
    caustic_verdict verdict;
    json_t * front;

    if (!(options->viscous || options->after) || !problem->shock.present || problem->setting->loss == CAUSTIC_NONE)
        return NULL;
    front = json_object();
    caustic_reduction_init(reduction, problem->setting);
    if (record_reduction(front, &verdict, reduction))
        verdict = record_front(front, problem, reduction, options);
    json_object_set_new(front, "verdict", json_verdict(verdict));
    caustic_reduction_clear(reduction);
    return front;
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
    caustic_text_printf(out, "nu = %s; a strict local maximum, proved; %s\n", text_of(peak, "viscosity"),
        strcmp(text_of(peak, "scope"), "global") == 0 ? "|v_s| is nowhere greater, at any time"
        : strcmp(text_of(peak, "scope"), "steepest") == 0 ? "-v_s is nowhere greater, at any time" : "others are not excluded");
    if (json_object_get(peak, "detail") != NULL)
        write_remark(out, "", text_of(peak, "detail"));
}

static void
write_profiles(caustic_text_t out, const json_t * shock)
{
    const json_t * profile, * entry;
    size_t i, k;

    json_array_foreach(json_object_get(shock, "profiles"), i, profile)
    {
        write_label(out, "");
        caustic_text_printf(out, "  across it, nu = %s: v, its limit, and the difference over nu\n", text_of(profile, "viscosity"));
        json_array_foreach(json_object_get(profile, "values"), k, entry)
        {
            write_label(out, "");
            caustic_text_printf(out, "    %+ld  %s  %s  %s\n", (long) json_integer_value(json_object_get(entry, "x")),
                text_of(json_object_get(entry, "v"), "ball"), text_of(json_object_get(entry, "limit"), "ball"),
                text_of(json_object_get(entry, "difference_over_viscosity"), "ball"));
        }
    }
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
        write_profiles(out, shock);
    }
}

/* Why a part is empty, or not all of it there. */
static void
write_missing(caustic_text_t out, const char * label, const json_t * part)
{
    if (json_is_true(json_object_get(part, "smooth")))
        write_line(out, label, "no shock begins on the box, at any time");
    else if (*text_of(part, "detail") != '\0')
    {
        write_label(out, label);
        caustic_text_append(out, "UNDECIDED\n");
        write_remark(out, "", text_of(part, "detail"));
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
        caustic_text_printf(out, "s = %s", text_of(record, "flat_coordinate"));
        if (json_object_get(record, "period") != NULL)
            caustic_text_printf(out, " on a circle of length %s, unrolled", text_of(record, "period"));
        caustic_text_append(out, "\n");
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
    json_array_foreach(json_object_get(after, "births"), i, entry)
    {
        write_label(out, i == 0 ? "births" : "");
        caustic_text_printf(out, "t = %s\n", text_of(json_object_get(entry, "time"), "ball"));
        write_label(out, "");
        caustic_text_printf(out, "  at s = %s\n", text_of(json_object_get(entry, "position"), "ball"));
        write_label(out, "");
        caustic_text_printf(out, "  jump ~ c sqrt(time since), c = %s\n", text_of(json_object_get(entry, "growth"), "ball"));
    }
    if (json_object_get(after, "window") != NULL)
    {
        write_label(out, "window");
        caustic_text_printf(out, "the box is infinite: only feet from s = %s\n", text_of(json_array_get(json_object_get(after, "window"), 0), "ball"));
        write_label(out, "");
        caustic_text_printf(out, "  to %s\n", text_of(json_array_get(json_object_get(after, "window"), 1), "ball"));
    }
    if (json_is_false(json_object_get(after, "births_complete")))
        write_line(out, "", "others may begin that were not proved");
    json_array_foreach(json_object_get(after, "mergers"), i, entry)
    {
        write_label(out, "merger");
        caustic_text_printf(out, "t = %s\n", text_of(json_object_get(entry, "time"), "ball"));
        write_label(out, "");
        caustic_text_printf(out, "s = %s\n", text_of(json_object_get(entry, "position"), "ball"));
    }
    write_missing(out, "signature", json_object_get(record, "viscous"));
    write_missing(out, "after", after);
    if (json_object_get(record, "front_detail") != NULL)
        write_remark(out, "not shown", text_of(record, "front_detail"));
}
