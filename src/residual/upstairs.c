/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    upstairs: the local entropy computed on parameter space, from its own metric, flat coordinates and loss, against the one
    computed on the quotient, at points of several orbits [RESIDUAL-12].
*/

#include <stdio.h>
#include <string.h>
#include "flat.h"

#define PREC 128
#define ORBITS 3

/* Parameter space in flat coordinates x, and what of it the loss depends on: sigma = M x. */
typedef struct
{
    caustic_pool * pool;
    slong parameters, dimension;
    caustic_chart_t chart;
    caustic_expr * matrix;   /* M, dimension x parameters, constants */
    caustic_expr * sigma;    /* fresh symbols */
    caustic_expr * level;    /* M x as functions of theta */
    flat_t flat;             /* the loss as a function of sigma */
    product_form_t form;     /* where R^N covers parameter space: another one than the quotient's */
    int has_form;
}
above_struct;

typedef above_struct above_t[1];

/* sum_m a[m step] b[m] */
static caustic_expr
dot(caustic_pool * pool, const caustic_expr * a, slong step, const caustic_expr * b, slong length)
{
    caustic_expr sum = caustic_integer(pool, 0);

    for (slong m = 0; m < length; m++)
        sum = caustic_add(pool, sum, caustic_mul(pool, a[m * step], b[m]));
    return sum;
}

/* Whether e vanishes identically; where it certainly does not the outcome is REFUTED. */
static int
is_zero(outcome_t outcome, caustic_expr e, gr_ctx_struct * field)
{
    gr_ptr x;
    truth_t zero = T_UNKNOWN;

    GR_TMP_INIT(x, field);
    if (e != CAUSTIC_NONE && caustic_field_set_expr(x, e, field) == GR_SUCCESS)
        zero = caustic_field_is_zero(x, NULL, field);
    GR_TMP_CLEAR(x, field);
    if (zero == T_FALSE)
        outcome->verdict = CAUSTIC_REFUTED;
    return zero == T_TRUE;
}

/* The constant that e, a function of x, is; CAUSTIC_NONE where that is not proved. */
static caustic_expr
constant_of(caustic_expr e, const above_t above, gr_ctx_struct * field)
{
    caustic_expr value = CAUSTIC_NONE;
    gr_ptr x, y;
    int constant;

    GR_TMP_INIT2(x, y, field);
    constant = e != CAUSTIC_NONE && caustic_field_set_expr(x, e, field) == GR_SUCCESS;
    for (slong k = 0; k < above->parameters && constant; k++)
        constant = caustic_field_derivative(y, x, k, field) == GR_SUCCESS && caustic_field_is_zero(y, NULL, field) == T_TRUE;
    if (constant)
        value = caustic_field_get_expr(x, field);
    for (slong k = 0; k < above->parameters && value != CAUSTIC_NONE; k++)
        if (caustic_expr_depends(above->pool, value, above->chart->s[k]))
            value = CAUSTIC_NONE;
    GR_TMP_CLEAR2(x, y, field);
    return value;
}

/* M, the gradients in x of s^A at the invariants: constant rows, orthonormal, proved. */
static int
find_matrix(above_t above, outcome_t outcome, const solution_t solution, const flat_t flat, gr_ctx_struct * field)
{
    const caustic_setting_struct * setting = solution->reduction->setting;
    slong n = above->parameters, d = above->dimension;
    caustic_pool * pool = above->pool;
    int found = 1;

    for (slong a = 0; a < d && found; a++)
    {
        caustic_expr e = caustic_substitute(pool, flat->chart->map[a], setting->coordinate, setting->invariant, d);

        e = caustic_substitute(pool, e, setting->parameter, above->chart->inverse, n);
        for (slong i = 0; i < n && found; i++)
        {
            above->matrix[a * n + i] = constant_of(caustic_derivative(pool, e, above->chart->s[i]), above, field);
            found = above->matrix[a * n + i] != CAUSTIC_NONE;
        }
    }
    if (!found)
    {
        caustic_text_append(outcome->detail, "the quotient's flat coordinates are not seen to be linear in those of parameter space");
        return 0;
    }
    for (slong a = 0; a < d && found; a++)
        for (slong b = 0; b < d && found; b++)
            found = is_zero(outcome, caustic_sub(pool, dot(pool, above->matrix + a * n, 1, above->matrix + b * n, n),
                caustic_integer(pool, a == b)), field);
    if (!found)
        caustic_text_append(outcome->detail, outcome->verdict == CAUSTIC_REFUTED
            ? "the quotient's flat coordinates are not orthonormal in parameter space"
            : "the quotient's flat coordinates are not seen to be orthonormal in parameter space");
    return found;
}

/* [RESIDUAL-12] The gradient of F lies in the row space of M everywhere: d_i F = sum_A M_Ai sum_j M_Aj d_j F. */
static int
depends_on_levels(outcome_t outcome, caustic_expr loss, const above_t above, gr_ctx_struct * field)
{
    slong n = above->parameters, d = above->dimension;
    caustic_pool * pool = above->pool;
    caustic_expr * gradient = flint_malloc((size_t) (n + d) * sizeof(caustic_expr)), * along = gradient + n;
    int found = loss != CAUSTIC_NONE;

    for (slong i = 0; i < n && found; i++)
        gradient[i] = caustic_derivative(pool, loss, above->chart->s[i]);
    for (slong a = 0; a < d && found; a++)
        along[a] = dot(pool, above->matrix + a * n, 1, gradient, n);
    for (slong i = 0; i < n && found; i++)
        found = is_zero(outcome, caustic_sub(pool, gradient[i], dot(pool, above->matrix + i, n, along, d)), field);
    if (!found)
        caustic_text_append(outcome->detail, "the loss on parameter space was not proved to depend on as many linear combinations of its flat"
            " coordinates as the quotient has");
    flint_free(gradient);
    return found;
}

/* The loss on the section x = M^T sigma, which meets every level once, as a loss on R^d. */
static int
write_levels(above_t above, caustic_text_t why, caustic_expr loss)
{
    slong n = above->parameters, d = above->dimension;
    caustic_pool * pool = above->pool;
    caustic_interval_struct * line = flint_malloc((size_t) d * sizeof(caustic_interval_struct));
    caustic_expr * room = flint_calloc((size_t) (n + d * d + d), sizeof(caustic_expr)), * cometric = room + n;
    caustic_expr * drift = cometric + d * d, zero = caustic_integer(pool, 0);
    int found;

    for (slong a = 0; a < d; a++)
    {
        char name[32];

        snprintf(name, sizeof(name), "sigma%ld'", (long) a + 1);
        above->sigma[a] = caustic_symbol(pool, name);
        above->level[a] = dot(pool, above->matrix + a * n, 1, above->chart->map, n);
        caustic_interval_init(line + a);
        drift[a] = zero;
        for (slong b = 0; b < d; b++)
            cometric[a * d + b] = caustic_integer(pool, a == b);
    }
    for (slong i = 0; i < n; i++)
        room[i] = dot(pool, above->matrix + i, n, above->sigma, d);
    loss = caustic_substitute(pool, loss, above->chart->s, room, n);
    found = flat_init(above->flat, why, pool, above->sigma, line, d, cometric, drift, NULL, loss, "r");
    for (slong a = 0; a < d; a++)
        caustic_interval_clear(line + a);
    flint_free(line);
    flint_free(room);
    return found;
}

/* [RESIDUAL-14] The flat coordinates that the group leaves, from the action alone, in a basis of their own. */
static int
above_find_cover(above_t above, outcome_t outcome, const solution_t solution, const flat_t flat)
{
    caustic_verdict verdict;
    int tied = 0;

    above->has_form = 1;
    verdict = product_form_init(above->form, outcome->detail, solution->reduction, NULL, 0);
    if (verdict != CAUSTIC_PROVED)
        return 0;
    for (slong i = 0; i < flat->blocks; i++)
        tied = tied || flat->block[i].dimension > 1;
    if (tied)
        product_form_turn(above->form);
    above->dimension = above->form->dimension + above->form->spheres;
    product_form_levels(above->level, above->form);
    product_form_heights(above->level + above->form->dimension, above->form);
    for (slong a = 0; a < above->dimension; a++)
    {
        char name[32];

        snprintf(name, sizeof(name), "sigma%ld'", (long) a + 1);
        above->sigma[a] = caustic_symbol(above->pool, name);
    }
    caustic_chart_clear(above->flat->chart);
    return flat_init_levels(above->flat, outcome->detail, above->form, above->sigma)
        && flat_set_viscosity(above->flat, outcome->detail, solution->viscosity);
}

static void
above_init(above_t above, const solution_t solution)
{
    const caustic_setting_struct * setting = solution->reduction->setting;

    memset(above, 0, sizeof(above_struct));
    above->pool = setting->pool;
    above->parameters = setting->parameters;
    above->dimension = solution->dimension;
    caustic_chart_init(above->chart, setting->parameters);
    above->matrix = flint_calloc((size_t) (solution->dimension * (setting->parameters + 2)), sizeof(caustic_expr));
    above->sigma = above->matrix + solution->dimension * setting->parameters;
    above->level = above->sigma + solution->dimension;
    /* so that it may be cleared where it was not reached */
    caustic_chart_init(above->flat->chart, 0);
}

static void
above_clear(above_t above)
{
    caustic_chart_clear(above->chart);
    flat_clear(above->flat);
    if (above->has_form)
        product_form_clear(above->form);
    flint_free(above->matrix);
}

static int
above_find(above_t above, outcome_t outcome, const solution_t solution, const flat_t flat)
{
    const caustic_setting_struct * setting = solution->reduction->setting;
    slong n = above->parameters;
    caustic_interval_struct * line = flint_malloc((size_t) n * sizeof(caustic_interval_struct));
    caustic_setting_t trivial;
    caustic_reduction_t parameters;
    caustic_expr loss;
    gr_ctx_t field;
    int found;

    trivial_setting(trivial, setting);
    caustic_reduction_init(parameters, trivial);
    for (slong i = 0; i < n; i++)
        caustic_interval_init(line + i);
    found = parameters->written_out && caustic_chart_find(above->chart, above->pool, setting->parameter, setting->parameter_domain,
        parameters->cometric_expr, parameters->drift_expr, NULL, "x") == CAUSTIC_OK && above->chart->proved;
    if (!found)
        caustic_text_append(outcome->detail, "parameter space is not proved to be flat");
    else
    {
        caustic_field_ctx_init(field, above->pool, above->chart->s, line, n);
        loss = setting->loss_in_parameters ? setting->loss
            : caustic_substitute(above->pool, setting->loss, setting->coordinate, setting->invariant, solution->dimension);
        loss = caustic_substitute(above->pool, loss, setting->parameter, above->chart->inverse, n);
        /* A loss that is one of the coordinates is one of the s^A, and those are linear in x: nothing is left to prove. */
        found = find_matrix(above, outcome, solution, flat, field)
            && (!setting->loss_in_parameters || depends_on_levels(outcome, loss, above, field));
        gr_ctx_clear(field);
        if (found)
        {
            caustic_chart_clear(above->flat->chart);
            found = write_levels(above, outcome->detail, loss);
        }
    }
    for (slong i = 0; i < n; i++)
        caustic_interval_clear(line + i);
    flint_free(line);
    caustic_reduction_clear(parameters);
    caustic_setting_clear(trivial);
    return found && flat_set_viscosity(above->flat, outcome->detail, solution->viscosity);
}

/* |u_Theta(theta, t) - u_M(pi(theta), t)| at theta; down is the latter. Returns 0 where it was not computed. */
static int
compare_at(outcome_t outcome, const solution_t solution, const above_t above, const caustic_tape * levels, arb_srcptr theta,
    const arb_t t, const arb_t down, slong prec)
{
    arb_ptr sigma = _arb_vec_init(above->dimension);
    arb_t up;
    int computed;

    arb_init(up);
    caustic_tape_evaluate_arb(sigma, levels, theta, prec);
    /* another sum than downstairs */
    flat_entropy(up, above->flat, sigma, t, tolerance_digits(solution->options) + 9, prec);
    arb_sub(up, up, down, prec);
    computed = arb_is_finite(up);
    if (computed)
    {
        if (!arb_contains_zero(up) && outcome->verdict != CAUSTIC_REFUTED)
        {
            outcome->verdict = CAUSTIC_REFUTED;
            caustic_text_append(outcome->detail, "the two local entropies differ; ");
        }
        arb_abs(up, up);
        arb_max(outcome->bound, outcome->bound, up, PREC);
    }
    arb_clear(up);
    _arb_vec_clear(sigma, above->dimension);
    return computed;
}

/* At points of as many orbits, and where there is a section at its point of the same orbit. */
static void
compare_orbits(outcome_t outcome, const solution_t solution, const flat_t flat, const above_t above)
{
    const caustic_setting_struct * setting = solution->reduction->setting;
    slong n = above->parameters, d = solution->dimension, points = 0, prec = 4 * tolerance_digits(solution->options) + PREC;
    arb_ptr theta = _arb_vec_init(n), z = _arb_vec_init(d);
    fmpq * place = flint_calloc((size_t) n, sizeof(fmpq));
    caustic_tape * invariants = caustic_tape_new(above->pool, setting->invariant, d, setting->parameter, n);
    caustic_tape * levels = caustic_tape_new(above->pool, above->level, above->dimension, setting->parameter, n);
    caustic_tape * section = setting->has_section ? caustic_tape_new(above->pool, setting->section, n, setting->coordinate, d) : NULL;
    arb_t t, tolerance, down;

    arb_init(t);
    arb_init(tolerance);
    arb_init(down);
    for (slong a = 0; a < n; a++)
        fmpq_init(place + a);
    arb_set_fmpq(tolerance, solution->options->tolerance, PREC);
    arb_zero(outcome->bound);
    for (slong i = 0; i < ORBITS && invariants != NULL && levels != NULL; i++)
    {
        arb_set_fmpq(t, i % 2 == 0 ? solution->options->time->upper : solution->options->time->lower, prec);
        point_of_parameters(place, setting, i);
        for (slong a = 0; a < n; a++)
            arb_set_fmpq(theta + a, place + a, prec);
        caustic_tape_evaluate_arb(z, invariants, theta, prec);
        flat_entropy(down, flat, z, t, tolerance_digits(solution->options) + 6, prec);
        points += compare_at(outcome, solution, above, levels, theta, t, down, prec);
        if (section != NULL)
        {
            caustic_tape_evaluate_arb(theta, section, z, prec);
            points += compare_at(outcome, solution, above, levels, theta, t, down, prec);
        }
    }
    if (points < ORBITS || !arb_lt(outcome->bound, tolerance))
        outcome->verdict = caustic_verdict_and(outcome->verdict, CAUSTIC_UNDECIDED);
    caustic_text_printf(outcome->detail, "local entropy in %ld flat parameters against the quotient's at %ld points of %d orbits",
        (long) n, (long) points, ORBITS);

    for (slong a = 0; a < n; a++)
        fmpq_clear(place + a);
    flint_free(place);
    caustic_tape_free(invariants);
    caustic_tape_free(levels);
    caustic_tape_free(section);
    arb_clear(t);
    arb_clear(tolerance);
    arb_clear(down);
    _arb_vec_clear(theta, n);
    _arb_vec_clear(z, d);
}

void
flat_parameter_space(outcome_t outcome, const char ** method, const solution_t solution, const flat_t flat,
    const product_form_struct * form)
{
    const caustic_setting_struct * setting = solution->reduction->setting;
    above_t above;

    *method = "local entropy on parameter space [RESIDUAL-12]";
    outcome->verdict = CAUSTIC_PROVED;
    if (solution->constant)
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
    else
    {
        above_init(above, solution);
        if (form == NULL ? above_find(above, outcome, solution, flat) : above_find_cover(above, outcome, solution, flat))
            compare_orbits(outcome, solution, flat, above);
        else
            outcome->verdict = caustic_verdict_and(outcome->verdict, CAUSTIC_UNDECIDED);
        above_clear(above);
    }
    if (caustic_checks_verdict(solution->reduction->checks) != CAUSTIC_PROVED)
    {
        /* Agreement at points proves nothing beyond them: the identities must hold. */
        outcome->verdict = caustic_verdict_and(outcome->verdict, CAUSTIC_UNDECIDED);
        caustic_text_append(outcome->detail, "; not every identity of the reduction is proved");
    }
}
