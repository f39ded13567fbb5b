/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include "report_internal.h"

/* Adds the claims about the reduction to the checks: cometric and drift entry by entry, equations
   up to a factor without zeros. */

/* What is claimed on a domain has to be defined on it: x/x is not 1 on the line. */
static caustic_verdict
verdict_of_domain(caustic_text_t detail, truth_t defined, const char * why)
{
    if (defined == T_TRUE)
        return CAUSTIC_PROVED;

    caustic_text_printf(detail, defined == T_FALSE ? "it is not defined on the whole domain: %s"
        : "it is equal to the derived one where it is defined; %s", why);
    return defined == T_FALSE ? CAUSTIC_REFUTED : CAUSTIC_UNDECIDED;
}

/* punctured: zeros of denominators may be what a stratum leaves out. */
static void
check_entries(caustic_checks_t checks, const char * name, const caustic_expr * claimed, const caustic_expr * derived,
    slong rows, slong columns, int punctured, gr_ctx_t ctx)
{
    caustic_pool * pool = caustic_field_pool(ctx);
    caustic_witness_t witness;
    caustic_verdict verdict = CAUSTIC_PROVED;
    caustic_text_t detail;
    gr_ptr x;

    GR_TMP_INIT(x, ctx);
    caustic_witness_init(witness, caustic_field_symbols(ctx));
    caustic_text_init(detail);

    for (slong i = 0; i < rows * columns && verdict != CAUSTIC_REFUTED; i++)
    {
        int status = caustic_field_set_expr(x, caustic_sub(pool, claimed[i], derived[i]), ctx);
        truth_t zero = (status == GR_SUCCESS) ? caustic_field_is_zero(x, witness, ctx) : T_UNKNOWN;

        if (zero == T_TRUE)
        {
            caustic_text_t why;
            caustic_verdict domain;
            truth_t defined;

            caustic_text_init(why);
            defined = caustic_field_is_smooth(why, claimed[i], NULL, 0, punctured, ctx);
            if (defined == T_UNKNOWN && punctured)
                defined = T_TRUE;
            if (defined != T_TRUE)
                caustic_text_reset(detail);
            domain = verdict_of_domain(detail, defined, why->data);
            verdict = (domain == CAUSTIC_PROVED) ? verdict : domain;
            caustic_text_clear(why);
            continue;
        }

        verdict = (zero == T_FALSE) ? CAUSTIC_REFUTED : CAUSTIC_UNDECIDED;
        caustic_text_reset(detail);
        caustic_text_printf(detail, "entry (%ld, %ld): claimed minus derived at ", (long) (i / columns) + 1, (long) (i % columns) + 1);
        if (zero == T_FALSE)
            caustic_witness_print(detail, witness, ctx);
        else
            caustic_text_append(detail, "was neither reduced to 0 nor found non-zero");
    }

    if (verdict == CAUSTIC_PROVED)
        caustic_text_append(detail, "equal to the derived one");

    caustic_checks_add(checks, name, verdict, "%s", detail->data);
    caustic_text_clear(detail);
    caustic_witness_clear(witness);
    GR_TMP_CLEAR(x, ctx);
}

static void
check_claimed_equation(caustic_checks_t checks, const char * name, const caustic_equations_t equations,
    const caustic_setting_t setting, const caustic_equation * claimed, const caustic_equation * derived, caustic_expr pivot)
{
    caustic_text_t detail, why;
    caustic_verdict verdict;

    caustic_text_init(detail);
    caustic_text_init(why);
    verdict = caustic_equations_compare(detail, equations, setting->coordinate_domain, claimed, derived, pivot);

    if (verdict == CAUSTIC_PROVED)
    {
        int punctured = setting->strata > 0;
        truth_t defined = caustic_equations_is_defined(why, equations, setting->coordinate_domain, claimed, derived, punctured);

        if (defined == T_UNKNOWN && punctured)
            defined = T_TRUE;
        if (defined != T_TRUE)
            caustic_text_reset(detail);
        verdict = verdict_of_domain(detail, defined, why->data);
    }

    caustic_checks_add(checks, name, verdict, "%s", detail->data);
    caustic_text_clear(detail);
    caustic_text_clear(why);
}

int
has_claims(const caustic_case_t problem)
{
    const caustic_claims_block * claims = &problem->claims;

    return claims->cometric != NULL || claims->drift != NULL || claims->hamilton_jacobi || claims->burgers > 0;
}

void
check_claims(caustic_checks_t checks, const caustic_case_t problem, caustic_reduction_t reduction,
    const caustic_equations_t equations)
{
    const caustic_claims_block * claims = &problem->claims;
    slong d = problem->setting->coordinates;
    int punctured = problem->setting->strata > 0;

    if (claims->cometric != NULL)
        check_entries(checks, "claim_cometric", claims->cometric, reduction->cometric_expr, d, d, punctured, reduction->downstairs);

    if (claims->drift != NULL)
        check_entries(checks, "claim_drift", claims->drift, reduction->drift_expr, d, 1, punctured, reduction->downstairs);

    if (claims->hamilton_jacobi)
    {
        caustic_equation claimed = {claims->hamilton_jacobi_left, claims->hamilton_jacobi_right};

        check_claimed_equation(checks, "claim_hamilton_jacobi", equations, problem->setting, &claimed,
            &equations->hamilton_jacobi, caustic_equations_symbol(equations, "u", NULL, 0, 1));
    }

    for (slong k = 0; k < claims->burgers; k++)
    {
        caustic_equation claimed = {claims->burgers_left[k], claims->burgers_right[k]};

        check_claimed_equation(checks, "claim_burgers", equations, problem->setting, &claimed, equations->burgers + k,
            caustic_equations_symbol(equations, "v", &k, 1, 1));
    }
}

