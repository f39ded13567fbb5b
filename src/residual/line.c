/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    line: losses that depend on one flat coordinate of a quotient of any dimension, curved or not. Where |ds| = 1 and
    L s = 0, a solution on the line becomes one on the quotient [RESIDUAL-30].
*/

#include <string.h>
#include "solution.h"

#define PREC 128

/* Identities *********************************************************************************/

/* Whether e - value is identically 0 on the quotient. */
static truth_t
is_value(caustic_expr e, slong value, const caustic_setting_struct * setting, caustic_witness_t witness, caustic_text_t where)
{
    gr_ctx_t ctx;
    gr_ptr x;
    truth_t zero = T_UNKNOWN;

    caustic_field_ctx_init(ctx, setting->pool, setting->coordinate, setting->coordinate_domain, setting->coordinates);
    GR_TMP_INIT(x, ctx);
    if (e != CAUSTIC_NONE && caustic_field_set_expr(x, caustic_sub(setting->pool, e, caustic_integer(setting->pool, value)), ctx) == GR_SUCCESS)
        zero = caustic_field_is_zero(x, witness, ctx);
    if (zero == T_FALSE)
        caustic_witness_print(where, witness, ctx);
    GR_TMP_CLEAR(x, ctx);
    gr_ctx_clear(ctx);
    return zero;
}

/* g^{ij} s_i s_j and g^{ij} s_ij + b^i s_i */
static void
square_and_laplacian(caustic_expr * square, caustic_expr * laplacian, caustic_expr s, const caustic_reduction_struct * reduction)
{
    const caustic_setting_struct * setting = reduction->setting;
    caustic_pool * pool = setting->pool;
    slong d = setting->coordinates;

    *square = *laplacian = caustic_integer(pool, 0);
    for (slong i = 0; i < d; i++)
    {
        caustic_expr slope = caustic_derivative(pool, s, setting->coordinate[i]);

        *laplacian = caustic_add(pool, *laplacian, caustic_mul(pool, reduction->drift_expr[i], slope));
        for (slong j = 0; j < d; j++)
        {
            caustic_expr entry = reduction->cometric_expr[i * d + j];

            *square = caustic_add(pool, *square, caustic_mul(pool, entry,
                caustic_mul(pool, slope, caustic_derivative(pool, s, setting->coordinate[j]))));
            *laplacian = caustic_add(pool, *laplacian, caustic_mul(pool, entry,
                caustic_derivative(pool, slope, setting->coordinate[j])));
        }
    }
}

/* The loss as a function of s ****************************************************************/

/* A curve z(t) with s(z(t)) = t: coordinate i runs, the others are 0 or 1 by the bits of `fixed`, and s is a log x + b or
   a x + b along it. 1 if that is so, by an identity; curve has d entries. */
static int
find_curve(caustic_expr * curve, caustic_expr s, caustic_expr t, slong i, ulong fixed, const caustic_setting_struct * setting)
{
    caustic_pool * pool = setting->pool;
    slong d = setting->coordinates;
    caustic_expr x = setting->coordinate[i], restricted, slope, offset, a = CAUSTIC_NONE, one = caustic_integer(pool, 1);
    caustic_interval_t domain;
    gr_ctx_t ctx;
    gr_ptr value;
    int found = 0;

    for (slong j = 0, bit = 0; j < d; j++)
        curve[j] = j == i ? x : caustic_integer(pool, (slong) ((fixed >> bit++) & 1));
    restricted = caustic_substitute(pool, s, setting->coordinate, curve, d);
    if (restricted == CAUSTIC_NONE || !caustic_expr_depends(pool, restricted, x))
        return 0;

    caustic_interval_init(domain);
    domain->lower_infinite = 0;
    caustic_field_ctx_init(ctx, pool, &x, domain, 1);
    GR_TMP_INIT(value, ctx);
    slope = caustic_mul(pool, x, caustic_derivative(pool, restricted, x));
    offset = caustic_substitute(pool, restricted, &x, &one, 1);
    found = slope != CAUSTIC_NONE && offset != CAUSTIC_NONE && caustic_field_set_expr(value, slope, ctx) == GR_SUCCESS
        && caustic_field_is_zero(value, NULL, ctx) == T_FALSE;
    if (found)
        a = caustic_field_get_expr(value, ctx);
    found = found && !caustic_expr_depends(pool, a, x);
    GR_TMP_CLEAR(value, ctx);
    gr_ctx_clear(ctx);

    /* x s' = a on (0, inf): s = a log x + s(1). */
    if (found)
        curve[i] = caustic_function(pool, CAUSTIC_OP_EXP, caustic_div(pool, caustic_sub(pool, t, offset), a));
    caustic_interval_clear(domain);
    return found;
}

/* F with loss = F o s, proved identically; CAUSTIC_NONE if none was found. */
static caustic_expr
loss_of_line(caustic_expr s, caustic_expr t, const caustic_reduction_struct * reduction)
{
    const caustic_setting_struct * setting = reduction->setting;
    caustic_pool * pool = setting->pool;
    slong d = setting->coordinates;
    caustic_expr * curve = flint_malloc((size_t) d * sizeof(caustic_expr)), found = CAUSTIC_NONE;
    caustic_witness_t witness;
    caustic_text_t where;

    caustic_witness_init(witness, d);
    caustic_text_init(where);
    for (slong i = 0; i < d && found == CAUSTIC_NONE; i++)
        for (ulong fixed = 0; fixed < (UWORD(1) << FLINT_MIN(d - 1, 8)) && found == CAUSTIC_NONE; fixed++)
            if (find_curve(curve, s, t, i, fixed, setting))
            {
                caustic_expr candidate = caustic_substitute(pool, reduction->loss, setting->coordinate, curve, d), back;

                if (candidate == CAUSTIC_NONE)
                    continue;
                back = caustic_substitute(pool, candidate, &t, &s, 1);
                if (is_value(caustic_sub(pool, reduction->loss, back), 0, setting, witness, where) == T_TRUE)
                    found = candidate;
            }
    caustic_witness_clear(witness);
    caustic_text_clear(where);
    flint_free(curve);
    return found;
}

/* The box ************************************************************************************/

/* Encloses a function on the box; 1 if that is finite. */
static int
range_on_box(arb_t res, caustic_expr e, const caustic_setting_struct * setting, const caustic_residual_options * options)
{
    slong d = setting->coordinates;
    caustic_tape * tape = caustic_tape_new(setting->pool, &e, 1, setting->coordinate, d);
    arb_ptr box = _arb_vec_init(d);
    arb_t end;
    int finite = tape != NULL;

    arb_init(end);
    for (slong i = 0; i < d; i++)
    {
        arb_set_fmpq(box + i, options->box[i].lower, PREC);
        arb_set_fmpq(end, options->box[i].upper, PREC);
        arb_union(box + i, box + i, end, PREC);
    }
    if (finite)
        caustic_tape_evaluate_arb(res, tape, box, PREC);
    finite = finite && arb_is_finite(res);
    arb_clear(end);
    _arb_vec_clear(box, d);
    caustic_tape_free(tape);
    return finite;
}

static void
interval_around(caustic_interval_struct * res, const arb_t range)
{
    arf_t end;

    arf_init(end);
    res->lower_infinite = res->upper_infinite = 0;
    res->lower_closed = res->upper_closed = 1;
    arb_get_lbound_arf(end, range, 32);
    arf_get_fmpq(res->lower, end);
    arb_get_ubound_arf(end, range, 32);
    arf_get_fmpq(res->upper, end);
    arf_clear(end);
}

/* sup over the box and over k of |d_k s|. Not finite where it is not bounded. */
static void
largest_slope(arb_t res, caustic_expr s, const caustic_setting_struct * setting, const caustic_residual_options * options)
{
    arb_t slope;

    arb_init(slope);
    arb_zero(res);
    for (slong i = 0; i < setting->coordinates; i++)
    {
        if (!range_on_box(slope, caustic_derivative(setting->pool, s, setting->coordinate[i]), setting, options))
            arb_indeterminate(slope);
        arb_abs(slope, slope);
        arb_max(res, res, slope, PREC);
    }
    arb_clear(slope);
}

/* The tolerance divided by an integer that is at least the slope: then Burgers' bound times the slope is below it. */
static void
tolerance_below(fmpq_t res, const fmpq_t tolerance, const arb_t slope)
{
    arf_t end;
    fmpz_t factor;

    arf_init(end);
    fmpz_init(factor);
    fmpq_set(res, tolerance);
    if (arb_is_finite(slope))
    {
        arb_get_ubound_arf(end, slope, PREC);
        if (arf_cmp_si(end, 1) > 0 && arf_cmpabs_2exp_si(end, 100) < 0)
        {
            arf_get_fmpz(factor, end, ARF_RND_CEIL);
            fmpq_div_fmpz(res, res, factor);
        }
    }
    arf_clear(end);
    fmpz_clear(factor);
}

/* The driver *********************************************************************************/

/* The line as a setting of its own: one parameter, no group, the loss F. */
static void
line_setting(caustic_setting_t line, caustic_pool * pool, caustic_expr t, caustic_expr loss)
{
    caustic_setting_init(line, pool);
    caustic_setting_allocate(line, 1, 0, 0, 1);
    line->parameter[0] = line->coordinate[0] = line->invariant[0] = line->section[0] = t;
    line->inverse_metric[0] = caustic_integer(pool, 1);
    line->loss = loss;
}

/* One check of the line's as one of the quotient's. Burgers' components are d_k s times the line's. */
static void
carry_over(caustic_residual_result_t result, const caustic_residual_check * check, const arb_t slope, const fmpq_t tolerance)
{
    outcome_t outcome;

    outcome_init(outcome);
    outcome->verdict = check->verdict;
    arb_set(outcome->bound, check->bound);
    if (strcmp(check->name, "burgers_residual") == 0)
    {
        arb_t limit;

        arb_init(limit);
        arb_set_fmpq(limit, tolerance, PREC);
        arb_mul(outcome->bound, outcome->bound, slope, PREC);
        if (outcome->verdict == CAUSTIC_PROVED && !arb_le(outcome->bound, limit))
        {
            outcome->verdict = CAUSTIC_UNDECIDED;
            caustic_text_append(outcome->detail, "times the largest slope of s the bound is above the tolerance; ");
        }
        arb_clear(limit);
    }
    caustic_text_append(outcome->detail, strcmp(check->name, "reduction") == 0
        ? "|d s|^2 = 1 and L s = 0 identically, so on parameter space too, where, if it is complete, the local entropy is that of the line after s"
        : check->detail == NULL ? "" : check->detail);
    add_check(result, check->name, check->viscosity, outcome, strcmp(check->name, "reduction") == 0
        ? "exact identities [RESIDUAL-30]" : "one flat coordinate [RESIDUAL-30]");
    outcome_clear(outcome);
}

void
caustic_verify_line(caustic_residual_result_t result, const caustic_reduction_t reduction, caustic_expr map,
    const caustic_residual_options * options)
{
    const caustic_setting_struct * setting = reduction->setting;
    caustic_pool * pool = setting->pool;
    caustic_expr t = caustic_symbol(pool, "s'"), square, laplacian, loss = CAUSTIC_NONE;
    caustic_witness_t witness;
    caustic_text_t why, where;
    truth_t unit, harmonic;
    arb_t range, slope;

    caustic_witness_init(witness, setting->coordinates);
    caustic_text_init(why);
    caustic_text_init(where);
    arb_init(range);
    arb_init(slope);

    square_and_laplacian(&square, &laplacian, map, reduction);
    unit = is_value(square, 1, setting, witness, where);
    harmonic = is_value(laplacian, 0, setting, witness, where);
    if (unit != T_TRUE || harmonic != T_TRUE)
        caustic_text_printf(why, "the map is not a flat coordinate: %s %s%s", unit != T_TRUE ? "|d s|^2 is" : "L s is",
            unit == T_FALSE ? "not 1 at " : harmonic == T_FALSE && unit == T_TRUE ? "not 0 at " : "not seen to be what it must be",
            where->data);
    else if (!box_is_bounded(options, setting) || !range_on_box(range, map, setting, options))
        caustic_text_append(why, "the map is not bounded on the box, or the box is no bounded part of the domains");
    else if ((loss = loss_of_line(map, t, reduction)) == CAUSTIC_NONE)
        caustic_text_append(why, "the loss was not proved to be a function of the map");

    if (loss != CAUSTIC_NONE)
    {
        caustic_residual_options on_line = *options;
        caustic_residual_result_t of_line;
        caustic_setting_t line;
        caustic_reduction_t trivial;
        caustic_interval_t box;

        fmpq_t sharper;

        caustic_interval_init(box);
        fmpq_init(sharper);
        interval_around(box, range);
        on_line.box = box;
        line_setting(line, pool, t, loss);
        caustic_reduction_init(trivial, line);
        largest_slope(slope, map, setting, options);
        tolerance_below(sharper, options->tolerance, slope);
        on_line.tolerance = sharper;
        caustic_residual_result_init(of_line);
        caustic_verify_1d(of_line, trivial, CAUSTIC_NONE, &on_line);

        for (slong i = 0; i < of_line->length; i++)
            carry_over(result, of_line->entries + i, slope, options->tolerance);
        result->altered_tried = of_line->altered_tried;
        result->altered_refuted = of_line->altered_refuted;
        caustic_text_append(result->altered, of_line->altered->data);

        caustic_residual_result_clear(of_line);
        caustic_reduction_clear(trivial);
        caustic_setting_clear(line);
        caustic_interval_clear(box);
        fmpq_clear(sharper);
    }
    for (slong i = 0; i < options->viscosities && loss == CAUSTIC_NONE; i++)
        undecided(result, options->viscosity + i, why->data);
    conclude_checks(result);

    caustic_witness_clear(witness);
    caustic_text_clear(why);
    caustic_text_clear(where);
    arb_clear(range);
    arb_clear(slope);
}
