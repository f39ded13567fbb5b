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

/* Whether the quotient is known to be all of the coordinates' box. Elsewhere a point of the box says nothing. */
static int
fills_box(const caustic_setting_t setting)
{
    return setting->has_section && setting->strata == 0;
}

static caustic_expr
after_invariants(const caustic_setting_t setting, caustic_expr e)
{
    return caustic_substitute(setting->pool, e, setting->coordinate, setting->invariant, setting->coordinates);
}

/* Whether an expression in the coordinates, nu > 0 and derivatives of the unknowns is defined wherever the
   coordinates are those of a point of the stratum. */
static truth_t
is_defined_after_invariants(caustic_text_t why, caustic_expr e, const caustic_setting_t setting)
{
    caustic_expr above = after_invariants(setting, e), viscosity = caustic_symbol(setting->pool, "nu");
    caustic_expr * found, * symbol;
    caustic_interval_struct * domain;
    slong n = setting->parameters, count = n, length;
    truth_t defined;
    gr_ctx_t ctx;

    if (above == CAUSTIC_NONE)
    {
        caustic_text_append(why, "it is nowhere defined on the quotient");
        return T_FALSE;
    }

    length = caustic_expr_symbols(&found, setting->pool, above);
    symbol = flint_malloc((size_t) (n + length + 1) * sizeof(caustic_expr));
    domain = flint_malloc((size_t) (n + length + 1) * sizeof(caustic_interval_struct));
    for (slong a = 0; a < n; a++)
        symbol[a] = setting->parameter[a];
    for (slong i = 0; i < length; i++)
    {
        slong a = 0;

        while (a < n && symbol[a] != found[i])
            a++;
        if (a == n)
            symbol[count++] = found[i];
    }
    for (slong a = 0; a < count; a++)
    {
        caustic_interval_init(domain + a);
        if (a < n)
            caustic_interval_set(domain + a, setting->parameter_domain + a);
        else if (symbol[a] == viscosity)
            domain[a].lower_infinite = 0;
    }

    caustic_field_ctx_init(ctx, setting->pool, symbol, domain, count);
    defined = caustic_field_is_smooth(why, above, setting->stratum, setting->strata, 0, ctx);
    gr_ctx_clear(ctx);

    for (slong a = 0; a < count; a++)
        caustic_interval_clear(domain + a);
    flint_free(domain);
    flint_free(symbol);
    flint_free(found);
    return defined;
}

/* Whether an entry is defined on the quotient. */
static truth_t
is_entry_defined(caustic_text_t why, caustic_expr e, caustic_reduction_t reduction)
{
    const caustic_setting_struct * setting = reduction->setting;
    truth_t defined = caustic_field_is_smooth(why, e, NULL, 0, 0, reduction->downstairs);

    if (defined == T_UNKNOWN || (defined == T_FALSE && !fills_box(setting)))
    {
        caustic_text_reset(why);
        defined = is_defined_after_invariants(why, e, setting);
    }
    return defined;
}

/* Whether a difference of entries vanishes on the quotient; if it does not, *where is the field of the witness. A
   point of the box that is no value of the invariants refutes nothing. */
static truth_t
is_entry_zero(caustic_expr difference, caustic_witness_t witness, gr_ctx_struct ** where, caustic_reduction_t reduction)
{
    const caustic_setting_struct * setting = reduction->setting;
    truth_t zero = T_UNKNOWN;

    for (int above = 0; above <= !setting->has_section && zero != T_TRUE; above++)
    {
        gr_ctx_struct * ctx = above ? reduction->upstairs : reduction->downstairs;
        gr_ptr x;

        *where = ctx;
        GR_TMP_INIT(x, ctx);
        caustic_witness_clear(witness);
        caustic_witness_init(witness, caustic_field_symbols(ctx));
        zero = caustic_field_set_expr(x, above ? after_invariants(setting, difference) : difference, ctx) == GR_SUCCESS
            ? caustic_field_is_zero(x, witness, ctx) : T_UNKNOWN;
        GR_TMP_CLEAR(x, ctx);
    }
    return zero;
}

static void
check_entries(caustic_checks_t checks, const char * name, const caustic_expr * claimed, const caustic_expr * derived,
    slong rows, slong columns, caustic_reduction_t reduction)
{
    gr_ctx_struct * where = reduction->downstairs;
    caustic_pool * pool = reduction->setting->pool;
    caustic_witness_t witness;
    caustic_verdict verdict = CAUSTIC_PROVED;
    caustic_text_t detail;

    caustic_witness_init(witness, caustic_field_symbols(where));
    caustic_text_init(detail);

    for (slong i = 0; i < rows * columns && verdict != CAUSTIC_REFUTED; i++)
    {
        truth_t zero = is_entry_zero(caustic_sub(pool, claimed[i], derived[i]), witness, &where, reduction);

        if (zero == T_TRUE)
        {
            caustic_text_t why;
            caustic_verdict domain;
            truth_t defined;

            caustic_text_init(why);
            defined = is_entry_defined(why, claimed[i], reduction);
            if (defined != T_TRUE)
                caustic_text_reset(detail);
            domain = verdict_of_domain(detail, defined, why->data);
            verdict = (domain == CAUSTIC_PROVED) ? verdict : domain;
            caustic_text_clear(why);
            continue;
        }

        verdict = (zero == T_FALSE) ? CAUSTIC_REFUTED : CAUSTIC_UNDECIDED;
        caustic_text_reset(detail);
        caustic_text_printf(detail, "entry (%ld, %ld): claimed minus derived ", (long) (i / columns) + 1, (long) (i % columns) + 1);
        if (zero == T_FALSE)
        {
            caustic_text_append(detail, "at ");
            caustic_witness_print(detail, witness, where);
        }
        else
            caustic_text_append(detail, "was neither reduced to 0 nor found non-zero");
    }

    if (verdict == CAUSTIC_PROVED)
        caustic_text_append(detail, "equal to the derived one");

    caustic_checks_add(checks, name, verdict, "%s", detail->data);
    caustic_text_clear(detail);
    caustic_witness_clear(witness);
}

/* Whether a claimed equation is defined on the quotient. */
static truth_t
is_equation_defined(caustic_text_t why, const caustic_equations_t equations, const caustic_setting_t setting,
    const caustic_equation * claimed)
{
    truth_t defined = caustic_equations_is_defined(why, equations, setting->coordinate_domain, claimed, 0);

    if (defined == T_UNKNOWN || (defined == T_FALSE && !fills_box(setting)))
    {
        caustic_text_reset(why);
        defined = is_defined_after_invariants(why, claimed->left, setting);
        if (defined == T_TRUE)
            defined = is_defined_after_invariants(why, claimed->right, setting);
    }
    return defined;
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
        truth_t defined = is_equation_defined(why, equations, setting, claimed);

        if (defined != T_TRUE)
            caustic_text_reset(detail);
        verdict = verdict_of_domain(detail, defined, why->data);
    }
    else if (verdict == CAUSTIC_REFUTED && !setting->has_section
        && caustic_equations_is_defined(why, equations, setting->coordinate_domain, claimed, 0) != T_TRUE)
    {
        /* Analytic on the box, it would differ on every open set; otherwise perhaps only where no point of the quotient is. */
        verdict = CAUSTIC_UNDECIDED;
        caustic_text_append(detail, "; this point need not belong to the quotient, as there is no section");
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

    if (claims->cometric != NULL)
        check_entries(checks, "claim_cometric", claims->cometric, reduction->cometric_expr, d, d, reduction);

    if (claims->drift != NULL)
        check_entries(checks, "claim_drift", claims->drift, reduction->drift_expr, d, 1, reduction);

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

