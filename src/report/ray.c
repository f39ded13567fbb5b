/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    The record of a ray: the first focal time of one characteristic.
*/

#include <caustic/focal.h>
#include "report_internal.h"

/* Digits of a time up to which there is no focal time. */
#define NONE_DIGITS 6

static void
set_from(json_t * record, const caustic_case_t problem)
{
    json_t * list = json_array();

    for (slong i = 0; i < problem->setting->coordinates; i++)
    {
        json_t * at = json_object();

        json_object_set_new(at, "name", json_string(caustic_expr_name(problem->pool, problem->setting->coordinate[i])));
        json_object_set_new(at, "value", json_fmpq(problem->shock.from + i));
        json_array_append_new(list, at);
    }
    json_object_set_new(record, "from", list);
}

/* A route that found nothing says up to which time there is no focal time. */
static void
set_none_until(json_t * route, const caustic_focal_t focal)
{
    caustic_text_t text;

    if (!arb_is_finite(focal->reached))
        return;
    caustic_text_init(text);
    caustic_print_lower(text, focal->reached, NONE_DIGITS);
    json_object_set_new(route, "none_until", json_string(text->data));
    caustic_text_clear(text);
}

static void
set_routes(json_t * record, const caustic_ray_t ray, slong digits)
{
    json_t * routes = json_array();
    int found[2];

    for (slong i = 0; i < 2; i++)
    {
        const caustic_focal_struct * focal = ray->route[i].focal;

        found[i] = ray->route[i].status == CAUSTIC_OK && focal->found;
        append_route(routes, ray->route[i].name, focal->time, found[i], ray->route[i].detail, digits);
        if (focal->never)
            json_object_set_new(json_array_get(routes, (size_t) i), "none", json_true());
        else if (!found[i])
            set_none_until(json_array_get(routes, (size_t) i), focal);
    }
    json_object_set_new(record, "routes", routes);
    if (found[0] && found[1])
        set_agreement(record, ray->route[0].focal->time, ray->route[1].focal->time, digits);
}

/* |claim - T*| <= 10^(1-digits)/2 T*, or disjoint balls. [SHOCK-13] */
static caustic_verdict
compare_times(const arb_t claim, const arb_t time, slong digits)
{
    caustic_verdict verdict = CAUSTIC_UNDECIDED;
    arb_t error, bound;

    arb_init(error);
    arb_init(bound);
    arb_sub(error, claim, time, 64 + 4 * digits);
    arb_abs(error, error);
    arb_set_ui(bound, 10);
    arb_pow_ui(bound, bound, (ulong) digits - 1, 64 + 4 * digits);
    arb_div(bound, time, bound, 64 + 4 * digits);
    arb_mul_2exp_si(bound, bound, -1);
    if (arb_is_finite(time) && arb_is_finite(claim))
    {
        if (!arb_overlaps(claim, time))
            verdict = CAUSTIC_REFUTED;
        else if (arb_le(error, bound))
            verdict = CAUSTIC_PROVED;
    }
    arb_clear(error);
    arb_clear(bound);
    return verdict;
}

static caustic_verdict
decide_claim(const caustic_case_t problem, const caustic_ray_t ray, slong digits)
{
    caustic_tape * tape;
    caustic_verdict verdict;
    arb_t value;

    if (ray->verdict != CAUSTIC_PROVED)
        return CAUSTIC_UNDECIDED;
    if (problem->claims.no_shock || !ray->shock)
        return problem->claims.no_shock && !ray->shock ? CAUSTIC_PROVED : CAUSTIC_REFUTED;

    arb_init(value);
    arb_indeterminate(value);
    tape = caustic_tape_new(problem->pool, &problem->claims.shock_time, 1, NULL, 0);
    if (tape != NULL)
    {
        caustic_tape_evaluate_arb(value, tape, NULL, 64 + 4 * digits);
        caustic_tape_free(tape);
    }
    verdict = compare_times(value, ray->time, digits);
    arb_clear(value);
    return verdict;
}

/* A ray focuses where it does: the place that can be claimed is its foot. */
static caustic_verdict
decide_place(const caustic_case_t problem)
{
    caustic_verdict verdict = CAUSTIC_PROVED;
    const caustic_expr * claimed = problem->claims.shock_at;

    for (slong i = 0; i < problem->setting->coordinates; i++)
    {
        caustic_expr here = caustic_number(problem->pool, problem->shock.from + i);
        caustic_tape * tape = caustic_tape_new(problem->pool, claimed + i, 1, NULL, 0);
        arb_t value;

        arb_init(value);
        arb_indeterminate(value);
        if (tape != NULL)
        {
            caustic_tape_evaluate_arb(value, tape, NULL, 256);
            caustic_tape_free(tape);
        }
        if (claimed[i] != here)
            verdict = caustic_verdict_and(verdict, arb_is_finite(value) && !arb_contains_fmpq(value, problem->shock.from + i)
                ? CAUSTIC_REFUTED : CAUSTIC_UNDECIDED);
        arb_clear(value);
    }
    return verdict;
}

static caustic_verdict
set_ray_claim(json_t * record, const caustic_case_t problem, const caustic_ray_t ray, slong digits)
{
    caustic_verdict verdict;
    json_t * claim;

    int time_claimed = problem->claims.shock_time != CAUSTIC_NONE || problem->claims.no_shock;
    const char * detail;

    if (!time_claimed && problem->claims.shock_at == NULL)
        return CAUSTIC_PROVED;

    verdict = time_claimed ? decide_claim(problem, ray, digits) : CAUSTIC_PROVED;
    detail = verdict == CAUSTIC_PROVED && !ray->shock ? "the ray has no focal time" : verdict == CAUSTIC_PROVED ? "equal to the ray's first focal time to the digits"
        : verdict == CAUSTIC_REFUTED ? "not the ray's first focal time" : "the ray's first focal time is not known well enough";
    if (problem->claims.shock_at != NULL)
    {
        caustic_verdict place = decide_place(problem);

        if (place != CAUSTIC_PROVED || !time_claimed)
            detail = place == CAUSTIC_PROVED ? "the place is where the ray starts" : "the place is not where the ray starts, or not seen to be";
        verdict = caustic_verdict_and(verdict, place);
    }
    claim = json_object();
    json_object_set_new(claim, "formula", json_string(problem->claims.shock_time_text == NULL ? "" : problem->claims.shock_time_text));
    json_object_set_new(claim, "verdict", json_verdict(verdict));
    json_object_set_new(claim, "exact", json_false());
    json_object_set_new(claim, "detail", json_string(detail));
    json_object_set_new(record, "claim", claim);
    return verdict;
}

caustic_verdict
ray_shock(json_t * record, const caustic_case_t problem, const caustic_reduction_t reduction,
    const caustic_run_options * options)
{
    slong digits = options->digits > 0 ? options->digits : problem->shock.digits;
    caustic_ray_t ray;
    caustic_verdict verdict;

    set_from(record, problem);
    if (!reduction->written_out || problem->setting->copies > 1)
    {
        json_object_set_new(record, "detail", json_string("rays are followed where the quotient is written out as a whole"));
        return CAUSTIC_UNDECIDED;
    }

    caustic_ray_init(ray);
    /* one more than asked for, so that a claim can be compared to the digits */
    caustic_focal_ray(ray, reduction, problem->shock.from, digits + 1, options->precision_limit,
        quotient_is_complete(reduction) && !caustic_reduction_is_punctured(reduction));

    if (ray->verdict == CAUSTIC_PROVED)
        json_object_set_new(record, "shock", json_boolean(ray->shock));
    if (arb_is_finite(ray->time) && (ray->verdict != CAUSTIC_PROVED || ray->shock))
    {
        json_t * time = json_object();

        json_set_bounds(time, ray->time, digits + EXTRA_DIGITS);
        json_object_set_new(time, "ball", json_ball(ray->time, digits));
        json_object_set_new(record, "time", time);
    }
    if (ray->verdict == CAUSTIC_PROVED && ray->shock && ray->multiplicity > 0)
        json_object_set_new(record, "multiplicity", json_integer(ray->multiplicity));

    set_routes(record, ray, digits);
    json_object_set_new(record, "detail", json_string(ray->detail));
    verdict = caustic_verdict_and(ray->verdict, set_ray_claim(record, problem, ray, digits));
    caustic_ray_clear(ray);
    return verdict;
}
