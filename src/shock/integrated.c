/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    T* = inf t* on a quotient of any curvature, by integration of boxes of characteristics [FOCAL-13], and local minima of t* by their
    jets [FOCAL-15].
*/

#include <caustic/focal.h>
#include "flat.h"

static void
set_text(char ** text, const char * value)
{
    flint_free(*text);
    *text = caustic_string_copy(value);
}

/* The bounds, and the foot whose characteristic gives the upper one. */
static void
set_bracket(caustic_shock_result_t result, const caustic_shock_flat_problem * problem, const caustic_focal_box_t found)
{
    slong prec = 2 * SEARCH_PRECISION + 4 * problem->digits;
    caustic_text_t how;

    result_make_room(result, problem->dimension);
    caustic_text_init(how);
    caustic_text_printf(how, "characteristics integrated, whole boxes of them at once: %ld boxes; the upper bound is the focal time of that from",
        (long) found->cells);
    for (slong k = 0; k < problem->dimension; k++)
    {
        char * value = fmpq_get_str(NULL, 10, found->foot + k);

        caustic_text_printf(how, "%s %s = %s", k == 0 ? "" : ",", caustic_expr_name(problem->pool, problem->z[k]), value);
        flint_free(value);
        arb_set_fmpq(result->at + k, found->foot + k, prec);
    }
    set_text(&result->bracket_detail, how->data);
    caustic_text_clear(how);
    arb_set(result->there, found->there);
    result->bracket = 1;
    result->integrated = 1;
    arf_set(result->earliest, arb_midref(found->lower));
    arf_set(result->latest, arb_midref(found->upper));
    arb_set_interval_arf(result->time, result->earliest, result->latest, prec);
}

/* What an enclosure of T* says of the claims. Where T* is taken is not looked for. */
static void
decide_claims(caustic_shock_result_t result, const caustic_shock_flat_problem * problem)
{
    slong prec = 2 * SEARCH_PRECISION + 4 * problem->digits;
    arb_t claim;

    arb_init(claim);
    if (problem->claimed_none)
    {
        result->claim_time = CAUSTIC_REFUTED;
        set_text(&result->claim_detail, "the claim that there is no shock is REFUTED");
    }
    else if (problem->claimed_time != CAUSTIC_NONE)
    {
        result->claim_time = flat_evaluate_constant(claim, problem->pool, problem->claimed_time, prec)
            ? compare_balls(claim, result->time, problem->digits, result->verdict == CAUSTIC_PROVED, prec) : CAUSTIC_UNDECIDED;
        set_text(&result->claim_detail, result->claim_time == CAUSTIC_PROVED ? "equal to T* to the digits"
            : result->claim_time == CAUSTIC_REFUTED ? "outside the enclosure of T*" : "not told apart from T*");
    }
    arb_clear(claim);
}

/* Narrow enough for the digits; where there is a claim, narrow enough for one that is true to be proved so. */
static void
set_gap(fmpq_t gap, const caustic_shock_flat_problem * problem)
{
    fmpz_t ten;

    fmpz_init_set_ui(ten, 10);
    fmpz_pow_ui(ten, ten, (ulong) problem->digits - 1);
    fmpq_set_si(gap, problem->claimed_time == CAUSTIC_NONE ? 7 : 3, 8);
    fmpq_div_fmpz(gap, gap, ten);
    fmpz_clear(ten);
}

/* Local minima *******************************************************************************/

/* The claimed place, as balls; 0: there is none, or it is not a place. */
static int
claimed_place(arb_ptr where, const caustic_shock_flat_problem * problem, slong prec)
{
    int known = problem->claimed_at != NULL;

    for (slong k = 0; k < problem->dimension && known; k++)
        known = flat_evaluate_constant(where + k, problem->pool, problem->claimed_at[k], prec);
    return known;
}

/* Some derivative of the focal time is certainly not 0 there. */
static int
has_slope(const caustic_focal_problem * characteristics, arb_srcptr where, slong digits)
{
    slong d = characteristics->dimension, prec = 2 * SEARCH_PRECISION + 4 * digits;
    caustic_focal_options options = {NULL, 1000, digits, 4 * prec};
    arb_ptr slope = _arb_vec_init(d);
    caustic_focal_jets * jets;
    caustic_focal_t focal;
    caustic_error_t error;
    int sloped = 0;

    caustic_error_init(error);
    caustic_focal_init(focal);
    jets = caustic_focal_jets_new(characteristics, 1, error);
    if (jets != NULL && caustic_focal_integrate(focal, characteristics, where, &options, error) == CAUSTIC_OK
        && caustic_focal_derivatives(slope, NULL, jets, where, focal->time, prec, error) == CAUSTIC_OK)
        for (slong k = 0; k < d; k++)
            sloped = sloped || !arb_contains_zero(slope + k);
    caustic_focal_jets_free(jets);
    caustic_focal_clear(focal);
    caustic_error_clear(error);
    _arb_vec_clear(slope, d);
    return sloped;
}

/* The minimiser to the digits; or no critical point of the focal time. */
static void
decide_place(caustic_shock_result_t result, const caustic_shock_flat_problem * problem, const caustic_focal_problem * characteristics,
    arb_srcptr where)
{
    slong prec = 2 * SEARCH_PRECISION + 4 * problem->digits;
    int equal = 1;

    /* of several places whose times are not told apart, none is known to be the first */
    if (result->minimisers != 1)
    {
        result->claim_at = CAUSTIC_UNDECIDED;
        return;
    }
    for (slong k = 0; k < problem->dimension; k++)
        equal = equal && compare_balls(where + k, result->at + k, problem->digits, 1, prec) == CAUSTIC_PROVED;
    result->claim_at = equal ? CAUSTIC_PROVED : has_slope(characteristics, where, problem->digits) ? CAUSTIC_REFUTED : CAUSTIC_UNDECIDED;
}

/* The claims about the minimum found: its time, and its place. */
static void
decide_both_claims(caustic_shock_result_t result, const caustic_shock_flat_problem * problem, const caustic_focal_problem * characteristics,
    arb_srcptr where)
{
    caustic_text_t detail;

    set_text(&result->claim_detail, "");
    decide_claims(result, problem);
    if (problem->claimed_at == NULL)
        return;
    if (where != NULL)
        decide_place(result, problem, characteristics, where);
    caustic_text_init(detail);
    caustic_text_printf(detail, "%s%splace: %s", result->claim_detail, problem->claimed_time == CAUSTIC_NONE ? "" : "; ",
        result->claim_at == CAUSTIC_PROVED ? "the minimiser to the digits" : result->claim_at == CAUSTIC_REFUTED ? "the focal time has a slope there"
        : "not decided whether it is a minimiser");
    set_text(&result->claim_detail, detail->data);
    caustic_text_clear(detail);
}

void
caustic_shock_integrated_local(caustic_shock_result_t result, const caustic_shock_flat_problem * problem,
    const caustic_focal_problem * characteristics)
{
    slong d = problem->dimension;
    caustic_focal_options options = {NULL, 1000, problem->digits, problem->precision_limit};
    caustic_focal_minimum_t minimum;
    caustic_error_t error;
    arb_ptr where = _arb_vec_init(d);
    int placed = claimed_place(where, problem, 2 * SEARCH_PRECISION + 4 * problem->digits);

    caustic_error_init(error);
    caustic_focal_minimum_init(minimum, d);
    if (caustic_focal_minimum(minimum, characteristics, problem->box, placed ? where : NULL, &options, error) == CAUSTIC_OK)
    {
        result->verdict = CAUSTIC_PROVED;
        result->shock = result->attained = result->integrated = 1;
        result->minimisers = 1;
        result_make_room(result, d);
        _arb_vec_set(result->at, minimum->at, d);
        /* of the minimum, and of the point whose characteristic the second route follows */
        arb_union(result->time, minimum->time, minimum->there, 2 * SEARCH_PRECISION + 4 * problem->digits);
        set_text(&result->detail, "a local minimum of the focal time: its gradient has one zero there, where its Hessian is positive definite, both from"
            " jets of characteristics, which were integrated; nothing is said about other places");
        decide_both_claims(result, problem, characteristics, placed ? where : NULL);
    }
    else
        set_text(&result->detail, error->message);
    caustic_focal_minimum_clear(minimum);
    caustic_error_clear(error);
    _arb_vec_clear(where, d);
}

/* Global ones ********************************************************************************/

/* The earliest of the minima first, with those that are not told apart from it; how many these are. */
static slong
earliest_first(caustic_focal_minimum_struct * minimum, slong minima)
{
    slong equal = 1;

    for (slong i = 1; i < minima; i++)
        if (arf_cmp(arb_midref(minimum[i].time), arb_midref(minimum[0].time)) < 0)
            FLINT_SWAP(caustic_focal_minimum_struct, minimum[i], minimum[0]);
    for (slong i = 1; i < minima; i++)
        if (arb_overlaps(minimum[i].time, minimum[0].time))
        {
            FLINT_SWAP(caustic_focal_minimum_struct, minimum[i], minimum[equal]);
            equal++;
        }
    return equal;
}

/* A minimum of the focal time, proved to be all: T*, sharp. */
static void
set_global(caustic_shock_result_t result, const caustic_shock_flat_problem * problem, const caustic_focal_problem * characteristics,
    const caustic_focal_minimum_struct * minimum, slong minima)
{
    slong d = problem->dimension, prec = 2 * SEARCH_PRECISION + 4 * problem->digits;
    arb_ptr where = _arb_vec_init(d);
    int placed = claimed_place(where, problem, prec);
    caustic_text_t how;

    result->verdict = CAUSTIC_PROVED;
    result->shock = result->attained = result->integrated = 1;
    result->bracket = 0;
    result->minimisers = minima;
    result_make_room(result, d);
    _arb_vec_set(result->at, minimum->at, d);
    arb_union(result->time, minimum->time, minimum->there, prec);
    for (slong i = 1; i < minima; i++)
        arb_min(result->time, result->time, minimum[i].time, prec);
    caustic_text_init(how);
    caustic_text_append(how, "branch and bound over the feet of characteristics, which were integrated, leaves only places around which the focal time is"
        " convex; its minimum there is a zero of its gradient, from jets of the characteristics");
    if (minima > 1)
        caustic_text_printf(how, "; the times of %ld such places are not told apart, and not proved equal", (long) minima);
    set_text(&result->detail, how->data);
    caustic_text_clear(how);
    decide_both_claims(result, problem, characteristics, placed ? where : NULL);
    _arb_vec_clear(where, d);
}

/* Minima of equal times, say by a symmetry. */
#define MOST_MINIMA 4

/* Coordinates for which boxes are left only around minima in seconds. */
#define MOST_SHARP 3

/* Adds the minimum found from there, or from anywhere, unless it is known. */
static int
add_minimum(caustic_focal_minimum_struct * minimum, slong * minima, const caustic_focal_problem * characteristics,
    const caustic_shock_flat_problem * problem, arb_srcptr start)
{
    slong d = problem->dimension;
    caustic_focal_options options = {NULL, 1000, problem->digits, problem->precision_limit};
    caustic_error_t error;
    int added;

    caustic_error_init(error);
    caustic_focal_minimum_init(minimum + *minima, d);
    added = caustic_focal_minimum(minimum + *minima, characteristics, problem->box, start, &options, error) == CAUSTIC_OK;
    for (slong i = 0; i < *minima && added; i++)
    {
        int apart = 0;

        for (slong k = 0; k < d; k++)
            apart = apart || !arb_overlaps(minimum[i].at + k, minimum[*minima].at + k);
        added = apart;
    }
    if (added)
        ++*minima;
    else
        caustic_focal_minimum_clear(minimum + *minima);
    caustic_error_clear(error);
    return added;
}

static int
is_finite_box(const caustic_shock_flat_problem * problem)
{
    for (slong k = 0; k < problem->dimension; k++)
        if (problem->box[k].lower_infinite || problem->box[k].upper_infinite)
            return 0;
    return 1;
}

/* T* as a minimum with all its digits: minima are added where boxes cannot be let go, until all can. 0: not so. */
static int
sharp_global(caustic_shock_result_t result, const caustic_shock_flat_problem * problem, const caustic_focal_problem * characteristics,
    slong step_limit)
{
    slong d = problem->dimension, minima = 0;
    caustic_focal_minimum_struct minimum[MOST_MINIMA];
    arb_ptr start = _arb_vec_init(d);
    int all = 0, more = is_finite_box(problem) && add_minimum(minimum, &minima, characteristics, problem, NULL);

    while (more && !all)
    {
        caustic_focal_box_t found;
        caustic_error_t error;

        caustic_error_init(error);
        caustic_focal_box_init(found, d);
        all = caustic_focal_box_around(found, characteristics, problem->box, minimum, minima, step_limit, error) == CAUSTIC_OK;
        result->cells += found->cells;
        for (slong k = 0; k < d; k++)
            arb_set_fmpq(start + k, found->open + k, SEARCH_PRECISION);
        more = !all && found->found && minima < MOST_MINIMA && add_minimum(minimum, &minima, characteristics, problem, start);
        caustic_focal_box_clear(found);
        caustic_error_clear(error);
    }
    if (all)
        set_global(result, problem, characteristics, minimum, earliest_first(minimum, minima));
    for (slong i = 0; i < minima; i++)
        caustic_focal_minimum_clear(minimum + i);
    _arb_vec_clear(start, d);
    return all;
}

void
caustic_shock_integrated_global(caustic_shock_result_t result, const caustic_shock_flat_problem * problem,
    const caustic_focal_problem * characteristics, slong step_limit)
{
    caustic_focal_box_t found;
    caustic_error_t error;
    caustic_result status;
    fmpq_t gap;

    if (problem->dimension <= MOST_SHARP && sharp_global(result, problem, characteristics, step_limit))
        return;
    caustic_error_init(error);
    caustic_focal_box_init(found, problem->dimension);
    fmpq_init(gap);
    set_gap(gap, problem);
    status = caustic_focal_box(found, characteristics, problem->box, gap, step_limit, error);
    result->cells += found->cells;
    if (found->found)
    {
        set_bracket(result, problem, found);
        if (status == CAUSTIC_OK && time_is_sharp(result->time, problem->digits))
        {
            result->verdict = CAUSTIC_PROVED;
            result->shock = 1;
            result->attained = -1;
        }
        decide_claims(result, problem);
    }
    set_text(&result->detail, status == CAUSTIC_OK ? "T* enclosed by branch and bound over the feet of characteristics, which were integrated" : error->message);
    caustic_focal_box_clear(found);
    caustic_error_clear(error);
    fmpq_clear(gap);
}

