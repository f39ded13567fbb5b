/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    T* = inf t* on a quotient of any curvature, by integration of boxes of characteristics [FOCAL-13].
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

    _arb_vec_clear(result->at, result->dimension);
    result->dimension = problem->dimension;
    result->at = _arb_vec_init(problem->dimension);
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

void
caustic_shock_integrated_global(caustic_shock_result_t result, const caustic_shock_flat_problem * problem,
    const caustic_focal_problem * characteristics, slong cell_limit)
{
    caustic_focal_box_t found;
    caustic_error_t error;
    caustic_result status;
    fmpq_t gap;

    caustic_error_init(error);
    caustic_focal_box_init(found, problem->dimension);
    fmpq_init(gap);
    set_gap(gap, problem);
    status = caustic_focal_box(found, characteristics, problem->box, gap, cell_limit, error);
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
