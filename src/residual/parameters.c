/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    parameters: the local entropy computed on parameter space itself, through flat coordinates of its
    own, against the one computed on the quotient.
*/

#include <stdio.h>
#include <flint/fmpq_vec.h>
#include "residual_internal.h"

#define SAMPLES 3 /* orbits; two points on each */

/* Flat coordinates x_i of parameter space, each a function of theta_i alone. */
typedef struct
{
    caustic_pool * pool;
    slong length;
    caustic_expr * x;        /* fresh symbols */
    caustic_expr * map;      /* x_i(theta_i) */
    caustic_expr * inverse;  /* theta_i(x_i) */
    slong pivot;             /* an axis on which the loss depends */
    caustic_expr section;    /* the loss on the pivot's axis, a function of s alone */
    caustic_expr s;
    arb_ptr weights;         /* the loss depends on sum weights_i x_i only; weights_pivot = 1 */
}
chart_struct;

typedef chart_struct chart_t[1];

static void
chart_init(chart_t chart, caustic_pool * pool, slong length)
{
    chart->pool = pool;
    chart->length = length;
    chart->x = flint_calloc(length, sizeof(caustic_expr));
    chart->map = flint_calloc(length, sizeof(caustic_expr));
    chart->inverse = flint_calloc(length, sizeof(caustic_expr));
    chart->weights = _arb_vec_init(length);
    chart->pivot = -1;
    chart->section = chart->s = CAUSTIC_NONE;
}

static void
chart_clear(chart_t chart)
{
    flint_free(chart->x);
    flint_free(chart->map);
    flint_free(chart->inverse);
    _arb_vec_clear(chart->weights, chart->length);
}

static int
is_zero_expr(const caustic_pool * pool, caustic_expr e)
{
    return caustic_expr_op(pool, e) == CAUSTIC_OP_NUMBER && fmpq_is_zero(caustic_expr_fmpq(pool, e));
}

/* The normal form of the inverse metric: diagonal, A_ii a function of theta_i alone, so that
   x_i = int dtheta_i/sqrt(A_ii); the drift of theta_i is A_ii'/2 [RESIDUAL-5]. Returns 0 with the reason. */
static int
chart_find(chart_t chart, caustic_text_t why, const problem_t problem)
{
    const caustic_setting_struct * setting = problem->reduction->setting;
    slong n = setting->parameters, i, k;
    caustic_expr entry, drift;
    caustic_flattening_t flat;
    char name[32];

    for (i = 0; i < n; i++)
    {
        for (k = 0; k < n; k++)
        {
            entry = setting->inverse_metric[i * n + k];
            if (i != k && !is_zero_expr(chart->pool, entry))
            {
                caustic_text_append(why, "no normal form of parameter space: its inverse metric is not diagonal");
                return 0;
            }
            if (i != k && caustic_expr_depends(chart->pool, setting->inverse_metric[i * n + i], setting->parameter[k]))
            {
                caustic_text_append(why, "no normal form of parameter space: an entry of its inverse metric "
                    "depends on another parameter");
                return 0;
            }
        }
    }
    for (i = 0; i < n; i++)
    {
        entry = setting->inverse_metric[i * n + i];
        drift = caustic_derivative(chart->pool, entry, setting->parameter[i]);
        drift = caustic_div(chart->pool, drift, caustic_integer(chart->pool, 2));
        caustic_flattening_init(flat);
        if (caustic_flatten(flat, chart->pool, setting->parameter[i], setting->parameter_domain + i, entry,
            drift, CAUSTIC_NONE) != CAUSTIC_OK || caustic_checks_verdict(flat->checks) != CAUSTIC_PROVED
            || !flat->onto || !flat->driftless)
        {
            caustic_text_printf(why, "no normal form of parameter space: %s is not proved to be a whole flat line",
                caustic_expr_name(chart->pool, setting->parameter[i]));
            caustic_flattening_clear(flat);
            return 0;
        }
        snprintf(name, sizeof(name), "x%ld'", (long) i + 1);
        chart->x[i] = caustic_symbol(chart->pool, name);
        chart->map[i] = flat->map;
        chart->inverse[i] = caustic_substitute(chart->pool, flat->inverse, &flat->s, chart->x + i, 1);
        caustic_flattening_clear(flat);
    }
    return 1;
}

/* The loss on parameter space. */
static caustic_expr
parameter_loss(const problem_t problem)
{
    const caustic_setting_struct * setting = problem->reduction->setting;

    return setting->loss_in_parameters ? setting->loss
        : caustic_substitute(problem->pool, setting->loss, setting->coordinate, setting->invariant,
            setting->coordinates);
}

/* Proves that the loss depends on sum weights_i x_i only: each ratio of its partial derivatives is
   a constant [RESIDUAL-6], and encloses the constants. */
static int
chart_collapse(chart_t chart, const problem_t problem, slong prec)
{
    const caustic_setting_struct * setting = problem->reduction->setting;
    caustic_interval_struct * lines = flint_malloc(sizeof(caustic_interval_struct) * chart->length);
    caustic_expr loss, zero = caustic_integer(chart->pool, 0);
    caustic_expr * values;
    gr_ctx_t ctx;
    gr_ptr f, first, other, ratio, x;
    arb_ptr point;
    slong i, k;
    int constant = 1;

    for (i = 0; i < chart->length; i++)
    {
        caustic_interval_init(lines + i);
    }
    point = _arb_vec_init(chart->length);
    values = flint_malloc(sizeof(caustic_expr) * chart->length);
    loss = caustic_substitute(chart->pool, parameter_loss(problem), setting->parameter, chart->inverse,
        chart->length);
    caustic_field_ctx_init(ctx, chart->pool, chart->x, lines, chart->length);
    GR_TMP_INIT5(f, first, other, ratio, x, ctx);
    if (loss == CAUSTIC_NONE || caustic_field_set_expr(f, loss, ctx) != GR_SUCCESS)
    {
        constant = 0;
    }
    for (i = 0; i < chart->length && constant && chart->pivot < 0; i++)
    {
        if (caustic_field_derivative(first, f, i, ctx) == GR_SUCCESS
            && caustic_field_is_zero(first, NULL, ctx) == T_FALSE)
        {
            chart->pivot = i;
        }
    }
    constant = constant && chart->pivot >= 0;
    for (i = 0; i < chart->length && constant; i++)
    {
        constant = caustic_field_derivative(other, f, i, ctx) == GR_SUCCESS
            && gr_div(ratio, other, first, ctx) == GR_SUCCESS;
        for (k = 0; k < chart->length && constant; k++)
        {
            constant = caustic_field_derivative(x, ratio, k, ctx) == GR_SUCCESS
                && caustic_field_is_zero(x, NULL, ctx) == T_TRUE;
        }
        if (constant)
        {
            if (caustic_field_is_zero(ratio, NULL, ctx) == T_TRUE)
            {
                /* The loss does not depend on x_i: its Gaussian integrates to 1. */
                arb_zero(chart->weights + i);
            }
            else
            {
                caustic_field_evaluate_arb(chart->weights + i, ratio, point, prec, ctx);
                constant = arb_is_finite(chart->weights + i) && arb_is_nonzero(chart->weights + i);
            }
        }
    }
    if (constant)
    {
        /* The section x = (0, .., s, .., 0) meets every level. */
        chart->s = problem->flat->s;
        for (i = 0; i < chart->length; i++)
        {
            values[i] = i == chart->pivot ? chart->s : zero;
        }
        chart->section = caustic_substitute(chart->pool, loss, chart->x, values, chart->length);
    }
    GR_TMP_CLEAR5(f, first, other, ratio, x, ctx);
    gr_ctx_clear(ctx);
    flint_free(values);
    _arb_vec_clear(point, chart->length);
    for (i = 0; i < chart->length; i++)
    {
        caustic_interval_clear(lines + i);
    }
    flint_free(lines);
    return constant && chart->section != CAUSTIC_NONE;
}

/* A rational number of (lower, upper), the k-th of a fixed irregular sequence. */
static void
irregular_number(fmpq_t res, const caustic_interval_t domain, ulong * state)
{
    fmpq_t width;
    ulong k;

    fmpq_init(width);
    *state = *state * 6364136223846793005UL + 1442695040888963407UL;
    k = (*state >> 33) % 97;
    if (!domain->lower_infinite && !domain->upper_infinite)
    {
        fmpq_sub(width, domain->upper, domain->lower);
        fmpq_set_ui(res, k + 1, 99);
        fmpq_mul(res, res, width);
        fmpq_add(res, res, domain->lower);
    }
    else
    {
        /* between 8/105 and 104/9 away from the end, or from 0 either way */
        fmpq_set_ui(res, 8 + k, 105 - k);
        if (!domain->lower_infinite)
        {
            fmpq_add(res, domain->lower, res);
        }
        else if (!domain->upper_infinite)
        {
            fmpq_sub(res, domain->upper, res);
        }
        else if (*state >> 63)
        {
            fmpq_neg(res, res);
        }
    }
    fmpq_clear(width);
}

/* The exact invariant z of theta: -1, 0 or 1 as it lies below, in or above the box; 2 where it is not
   rational. */
static int
image_in_box(fmpq_t z, const fmpq * theta, const problem_t problem)
{
    const caustic_setting_struct * setting = problem->reduction->setting;
    const caustic_interval_struct * box = problem->options->box;
    slong n = setting->parameters, i;
    caustic_expr * values = flint_malloc(sizeof(caustic_expr) * n);
    caustic_expr image;
    int place = 2;

    for (i = 0; i < n; i++)
    {
        values[i] = caustic_number(problem->pool, theta + i);
    }
    image = caustic_substitute(problem->pool, setting->invariant[0], setting->parameter, values, n);
    if (image != CAUSTIC_NONE && caustic_expr_op(problem->pool, image) == CAUSTIC_OP_NUMBER)
    {
        fmpq_set(z, caustic_expr_fmpq(problem->pool, image));
        place = fmpq_cmp(z, box->lower) < 0 ? -1 : fmpq_cmp(z, box->upper) > 0;
    }
    flint_free(values);
    return place;
}

/* Looks for parameters whose invariant lies in the box: the exact point and its image. Between a point
   below and one above the box, halving meets it: the invariant is continuous and the domain convex. */
static int
sample_orbit(fmpq * theta, fmpq_t z, const problem_t problem, ulong * state)
{
    const caustic_setting_struct * setting = problem->reduction->setting;
    slong n = setting->parameters, i, attempt;
    fmpq * ends[2];
    int known[2] = {0, 0}, place = 2;

    ends[0] = _fmpq_vec_init(n);
    ends[1] = _fmpq_vec_init(n);
    for (attempt = 0; attempt < 100 && place != 0; attempt++)
    {
        for (i = 0; i < n; i++)
        {
            if (known[0] && known[1])
            {
                fmpq_add(theta + i, ends[0] + i, ends[1] + i);
                fmpq_div_2exp(theta + i, theta + i, 1);
            }
            else
            {
                irregular_number(theta + i, setting->parameter_domain + i, state);
            }
        }
        place = image_in_box(z, theta, problem);
        if (place == 2 && known[0] && known[1])
        {
            known[0] = known[1] = 0;
        }
        else if (place == -1 || place == 1)
        {
            known[place > 0] = 1;
            for (i = 0; i < n; i++)
            {
                fmpq_set(ends[place > 0] + i, theta + i);
            }
        }
    }
    _fmpq_vec_clear(ends[0], n);
    _fmpq_vec_clear(ends[1], n);
    return place == 0;
}

/* sigma = sum weights_i x_i(theta_i) */
static void
level_of(arb_t sigma, const chart_t chart, const fmpq * theta, const problem_t problem, slong prec)
{
    const caustic_setting_struct * setting = problem->reduction->setting;
    caustic_tape * tape = caustic_tape_new(chart->pool, chart->map, chart->length, setting->parameter, chart->length);
    arb_ptr in = _arb_vec_init(chart->length), out = _arb_vec_init(chart->length);
    slong i;

    if (tape == NULL)
    {
        arb_indeterminate(sigma);
    }
    else
    {
        for (i = 0; i < chart->length; i++)
        {
            arb_set_fmpq(in + i, theta + i, prec);
        }
        caustic_tape_evaluate_arb(out, tape, in, prec);
        arb_dot(sigma, NULL, 0, chart->weights, 1, out, 1, chart->length, prec);
        caustic_tape_free(tape);
    }
    _arb_vec_clear(in, chart->length);
    _arb_vec_clear(out, chart->length);
}

/* The exact point section(z); 0 where it is not rational. */
static int
section_point(fmpq * theta, const fmpq_t z, const problem_t problem)
{
    const caustic_setting_struct * setting = problem->reduction->setting;
    caustic_expr value = caustic_number(problem->pool, z), image;
    slong i;

    if (!setting->has_section)
    {
        return 0;
    }
    for (i = 0; i < setting->parameters; i++)
    {
        image = caustic_substitute(problem->pool, setting->section[i], setting->coordinate, &value, 1);
        if (image == CAUSTIC_NONE || caustic_expr_op(problem->pool, image) != CAUSTIC_OP_NUMBER)
        {
            return 0;
        }
        fmpq_set(theta + i, caustic_expr_fmpq(problem->pool, image));
        if (!caustic_interval_contains_fmpq(setting->parameter_domain + i, theta + i))
        {
            return 0;
        }
    }
    return 1;
}

/* |u_Theta(theta, t) - u_M(z, t)| as a ball; its largest value so far goes to outcome->bound. */
static void
compare_point(outcome_t outcome, const chart_t chart, const caustic_line_t upstairs, const fmpq * theta,
    const fmpq_t z, const fmpq_t t, const problem_t problem)
{
    slong digits = tolerance_digits(problem->options) + 4, prec = (slong) (3.33 * digits) + 128, axes = 0, i;
    arb_ptr weights = _arb_vec_init(chart->length);
    arb_t sigma, zb, tb, up, down, tolerance;
    arb_ptr map;
    arf_t end;
    char * text;

    arf_init(end);
    arb_init(sigma);
    arb_init(zb);
    arb_init(tb);
    arb_init(up);
    arb_init(down);
    arb_init(tolerance);
    map = _arb_vec_init(2);
    arb_set_fmpq(tolerance, problem->options->tolerance, 64);
    level_of(sigma, chart, theta, problem, prec);
    for (i = 0; i < chart->length; i++)
    {
        if (!arb_is_zero(chart->weights + i))
        {
            arb_set(weights + axes++, chart->weights + i);
        }
    }
    arb_set_fmpq(tb, t, prec);
    arb_set_fmpq(zb, z, prec);
    caustic_tape_evaluate_arb(map, problem->map, zb, prec);
    if (caustic_local_entropy_collapsed(up, upstairs, weights, axes, sigma, tb, digits) != CAUSTIC_OK
        || caustic_local_entropy_1d(down, 1, problem->line, map, tb, digits) != CAUSTIC_OK)
    {
        outcome->verdict = caustic_verdict_and(outcome->verdict, CAUSTIC_UNDECIDED);
        caustic_text_append(outcome->detail, "no enclosure of the local entropy on parameter space; ");
        arb_indeterminate(outcome->bound);
    }
    else
    {
        arb_sub(up, up, down, prec);
        if (!arb_contains_zero(up))
        {
            outcome->verdict = CAUSTIC_REFUTED;
            caustic_text_append(outcome->detail, "the two local entropies differ at (");
            for (i = 0; i < chart->length; i++)
            {
                text = fmpq_get_str(NULL, 10, theta + i);
                caustic_text_printf(outcome->detail, "%s%s", i > 0 ? ", " : "", text);
                flint_free(text);
            }
            text = fmpq_get_str(NULL, 10, t);
            caustic_text_printf(outcome->detail, "), t = %s; ", text);
            flint_free(text);
        }
        arb_abs(up, up);
        arb_get_ubound_arf(end, up, 64);
        arb_set_arf(up, end);
        arb_max(outcome->bound, outcome->bound, up, 64);
        if (!arb_le(up, tolerance))
        {
            outcome->verdict = caustic_verdict_and(outcome->verdict, CAUSTIC_UNDECIDED);
            caustic_text_append(outcome->detail, "the two local entropies agree, but not to the tolerance; ");
        }
    }
    arb_clear(sigma);
    arb_clear(zb);
    arb_clear(tb);
    arb_clear(up);
    arb_clear(down);
    arb_clear(tolerance);
    arf_clear(end);
    _arb_vec_clear(map, 2);
    _arb_vec_clear(weights, chart->length);
}

static void
compare_orbits(outcome_t outcome, const chart_t chart, const caustic_line_t upstairs, const problem_t problem)
{
    slong n = chart->length, i, points = 0, orbits = 0;
    fmpq * theta = _fmpq_vec_init(n);
    fmpq_t z, t;
    ulong state = 20260618;

    fmpq_init(z);
    fmpq_init(t);
    arb_zero(outcome->bound);
    for (i = 0; i < SAMPLES; i++)
    {
        if (!sample_orbit(theta, z, problem, &state))
        {
            continue;
        }
        orbits++;
        fmpq_set(t, i == 0 ? problem->options->time->lower : problem->options->time->upper);
        compare_point(outcome, chart, upstairs, theta, z, t, problem);
        points++;
        if (section_point(theta, z, problem))
        {
            compare_point(outcome, chart, upstairs, theta, z, t, problem);
            points++;
        }
    }
    if (points == 0)
    {
        outcome->verdict = caustic_verdict_and(outcome->verdict, CAUSTIC_UNDECIDED);
        caustic_text_append(outcome->detail, "no rational parameters over the box were found to compare at");
        arb_indeterminate(outcome->bound);
    }
    else
    {
        caustic_text_printf(outcome->detail, "local entropy in %ld flat parameters against the quotient's "
            "at %ld points of %ld orbits", (long) n, (long) points, (long) orbits);
    }
    _fmpq_vec_clear(theta, n);
    fmpq_clear(z);
    fmpq_clear(t);
}

void
parameter_space(outcome_t outcome, const char ** method, const problem_t problem)
{
    const caustic_setting_struct * setting = problem->reduction->setting;
    caustic_verdict algebra = caustic_checks_verdict(problem->reduction->checks);
    caustic_interval_t line;
    caustic_line_t upstairs;
    chart_t chart;
    arf_t lower;
    slong prec = (slong) (3.33 * tolerance_digits(problem->options)) + 192;

    caustic_interval_init(line);
    chart_init(chart, problem->pool, setting->parameters);
    arf_init(lower);
    *method = "local entropy on parameter space [HEAT-7] [RESIDUAL-5] [RESIDUAL-6]";
    outcome->verdict = CAUSTIC_PROVED;
    if (problem->constant_loss)
    {
        *method = "constant loss";
        caustic_text_append(outcome->detail, "the loss is constant: both local entropies are that constant");
        arb_zero(outcome->bound);
    }
    else if (setting->generators == 0 && setting->elements == 0)
    {
        *method = "trivial group";
        caustic_text_append(outcome->detail, "the quotient is parameter space itself");
        arb_zero(outcome->bound);
    }
    else if (!chart_find(chart, outcome->detail, problem))
    {
        outcome->verdict = CAUSTIC_UNDECIDED;
    }
    else if (!chart_collapse(chart, problem, prec))
    {
        outcome->verdict = CAUSTIC_UNDECIDED;
        caustic_text_append(outcome->detail, "the loss was not proved to depend on one linear combination "
            "of the flat parameters");
    }
    else
    {
        /* L = l o pi identically, so a lower bound of l is one of L. */
        if (!caustic_lower_bound(lower, problem->pool, chart->section, chart->s, line))
        {
            arf_set(lower, problem->lower);
        }
        if (caustic_line_init(upstairs, problem->pool, chart->s, chart->section, problem->viscosity, lower) == CAUSTIC_OK)
        {
            compare_orbits(outcome, chart, upstairs, problem);
        }
        else
        {
            outcome->verdict = CAUSTIC_UNDECIDED;
            caustic_text_append(outcome->detail, "the loss on parameter space could not be compiled");
        }
        caustic_line_clear(upstairs);
    }
    if (algebra != CAUSTIC_PROVED)
    {
        /* Agreement at points proves nothing beyond them: the identities must hold. */
        outcome->verdict = caustic_verdict_and(outcome->verdict, CAUSTIC_UNDECIDED);
        caustic_text_append(outcome->detail, "; not every identity of the reduction is proved");
    }
    caustic_interval_clear(line);
    chart_clear(chart);
    arf_clear(lower);
}
