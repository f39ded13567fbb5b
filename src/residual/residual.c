/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    residual: the driver. Proves the flattening and the heat equation of the kernel in the case's own
    coordinates, then runs the four checks for each viscosity.
*/

#include <math.h>
#include <string.h>
#include "residual_internal.h"
#include "euclidean.h"
#include "identity.h"

void
caustic_residual_result_init(caustic_residual_result_t result)
{
    memset(result, 0, sizeof(caustic_residual_result_struct));
    result->verdict = CAUSTIC_UNDECIDED;
    caustic_text_init(result->altered);
}

void
caustic_residual_result_clear(caustic_residual_result_t result)
{
    slong i;

    for (i = 0; i < result->length; i++)
    {
        fmpq_clear(result->entries[i].viscosity);
        arb_clear(result->entries[i].bound);
        flint_free(result->entries[i].method);
        flint_free(result->entries[i].detail);
    }
    flint_free(result->entries);
    caustic_text_clear(result->altered);
}

void
outcome_init(outcome_t outcome)
{
    outcome->verdict = CAUSTIC_UNDECIDED;
    arb_init(outcome->bound);
    arb_indeterminate(outcome->bound);
    caustic_text_init(outcome->detail);
}

void
outcome_clear(outcome_t outcome)
{
    arb_clear(outcome->bound);
    caustic_text_clear(outcome->detail);
}

void
add_check(caustic_residual_result_t result, const char * name, const fmpq_t viscosity,
    const outcome_t outcome, const char * method)
{
    caustic_residual_check * check;

    if (result->length == result->capacity)
    {
        result->capacity = 2 * result->capacity + 4;
        result->entries = flint_realloc(result->entries, sizeof(caustic_residual_check) * result->capacity);
    }
    check = result->entries + result->length++;
    check->name = name;
    check->verdict = outcome->verdict;
    fmpq_init(check->viscosity);
    fmpq_set(check->viscosity, viscosity);
    arb_init(check->bound);
    arb_set(check->bound, outcome->bound);
    check->method = caustic_string_copy(method);
    check->detail = caustic_string_copy(outcome->detail->data);
}

slong
tolerance_digits(const caustic_residual_options * options)
{
    fmpz_t power;
    fmpq_t x;
    slong digits = 0;

    /* the least k >= 1 with 10^k tolerance >= 1 */
    fmpz_init(power);
    fmpq_init(x);
    fmpz_one(power);
    do
    {
        digits++;
        fmpz_mul_ui(power, power, 10);
        fmpq_mul_fmpz(x, options->tolerance, power);
    }
    while (fmpq_cmp_si(x, 1) < 0);
    fmpz_clear(power);
    fmpq_clear(x);
    return digits;
}

void
sample_point(fmpq_t z, fmpq_t t, const caustic_residual_options * options, slong i)
{
    /* in units of the box: corners, centre, and two irregular ones */
    static const slong place[POINTS][2] = {{0, 0}, {64, 0}, {0, 64}, {64, 64}, {32, 32}, {11, 47}, {49, 7}};
    fmpq_t part, width;

    fmpq_init(part);
    fmpq_init(width);
    fmpq_set_si(part, place[i][0], 64);
    fmpq_sub(width, options->box->upper, options->box->lower);
    fmpq_mul(width, width, part);
    fmpq_add(z, options->box->lower, width);
    fmpq_set_si(part, place[i][1], 64);
    fmpq_sub(width, options->time->upper, options->time->lower);
    fmpq_mul(width, width, part);
    fmpq_add(t, options->time->lower, width);
    fmpq_clear(part);
    fmpq_clear(width);
}

/* Whether e is proved to vanish identically on the quotient's chart. */
static int
vanishes_on_chart(const problem_t problem, caustic_expr e)
{
    gr_ctx_t ctx;
    int zero;

    caustic_field_ctx_init(ctx, problem->pool, &problem->z, problem->domain, 1);
    zero = vanishes_identically(e, ctx);
    gr_ctx_clear(ctx);
    return zero;
}

/* [RESIDUAL-1] K = exp(p), p = -log(t)/2 - (s(z) - y)^2/(4 nu t), solves K_t = nu (g K_zz + b K_z):
   p_t = nu (g (p_zz + p_z^2) + b p_z) identically in the field over (z, t, y, nu). */
static truth_t
kernel_solves_heat_equation(caustic_text_t witness_text, const problem_t problem)
{
    caustic_pool * pool = problem->pool;
    caustic_expr symbols[4], p, p_t, p_z, p_zz, e;
    caustic_interval_struct domains[4];
    caustic_witness_t witness;
    gr_ctx_t ctx;
    gr_ptr x;
    truth_t zero = T_UNKNOWN;
    slong i;

    symbols[0] = problem->z;
    symbols[1] = caustic_symbol(pool, "t'");
    symbols[2] = caustic_symbol(pool, "y'");
    symbols[3] = caustic_symbol(pool, "nu'");
    for (i = 0; i < 4; i++)
    {
        caustic_interval_init(domains + i);
    }
    caustic_interval_set(domains + 0, problem->domain);
    domains[1].lower_infinite = domains[1].lower_closed = 0;
    fmpq_zero(domains[1].lower);
    caustic_interval_set(domains + 3, domains + 1);

    p = caustic_power_si(pool, caustic_sub(pool, problem->flat->map, symbols[2]), 2);
    p = caustic_div(pool, p, caustic_mul(pool, caustic_integer(pool, -4), caustic_mul(pool, symbols[3], symbols[1])));
    p_z = caustic_derivative(pool, p, symbols[0]);
    p_zz = caustic_derivative(pool, p_z, symbols[0]);
    p_t = caustic_derivative(pool, p, symbols[1]);
    p_t = caustic_sub(pool, p_t, caustic_div(pool, caustic_integer(pool, 1),
        caustic_mul(pool, caustic_integer(pool, 2), symbols[1])));
    e = caustic_add(pool, p_zz, caustic_power_si(pool, p_z, 2));
    e = caustic_mul(pool, problem->cometric, e);
    e = caustic_add(pool, e, caustic_mul(pool, problem->drift, p_z));
    e = caustic_sub(pool, p_t, caustic_mul(pool, symbols[3], e));

    caustic_witness_init(witness, 4);
    caustic_field_ctx_init(ctx, pool, symbols, domains, 4);
    GR_TMP_INIT(x, ctx);
    if (caustic_field_set_expr(x, e, ctx) == GR_SUCCESS)
    {
        zero = caustic_field_is_zero(x, witness, ctx);
        if (zero == T_FALSE)
        {
            caustic_witness_print(witness_text, witness, ctx);
        }
    }
    GR_TMP_CLEAR(x, ctx);
    gr_ctx_clear(ctx);
    caustic_witness_clear(witness);
    for (i = 0; i < 4; i++)
    {
        caustic_interval_clear(domains + i);
    }
    return zero;
}

static int
box_is_usable(caustic_text_t why, const problem_t problem)
{
    const caustic_residual_options * options = problem->options;
    const caustic_interval_struct * box = options->box;
    const caustic_interval_struct * time = options->time;

    if (box->lower_infinite || box->upper_infinite || fmpq_cmp(box->lower, box->upper) > 0
        || !caustic_interval_contains_fmpq(problem->domain, box->lower)
        || !caustic_interval_contains_fmpq(problem->domain, box->upper))
    {
        caustic_text_append(why, "the box is not a bounded part of the coordinate's domain");
        return 0;
    }
    if (time->lower_infinite || time->upper_infinite || fmpq_cmp_si(time->lower, 0) <= 0
        || fmpq_cmp(time->lower, time->upper) > 0)
    {
        caustic_text_append(why, "the times are not a bounded interval of positive numbers");
        return 0;
    }
    if (fmpq_cmp_si(options->tolerance, 0) <= 0)
    {
        caustic_text_append(why, "the tolerance is not positive");
        return 0;
    }
    return 1;
}

/* Everything that does not depend on the viscosity. Returns 0 with the reason. */
static int
prepare(problem_t problem, caustic_text_t why, const caustic_reduction_t reduction, caustic_expr given,
    const caustic_residual_options * options, const fmpq_t kernel_factor)
{
    const caustic_setting_struct * setting = reduction->setting;
    caustic_pool * pool = setting->pool;
    caustic_expr roots[2], kernel_loss;

    if (setting->coordinates != 1 || !reduction->derived || reduction->loss == CAUSTIC_NONE)
    {
        caustic_text_append(why, setting->coordinates != 1 ? "the quotient is not one-dimensional"
            : !reduction->derived ? "the reduction was not derived" : "the case has no loss");
        return 0;
    }
    problem->pool = pool;
    problem->reduction = reduction;
    problem->options = options;
    problem->z = setting->coordinate[0];
    problem->domain = setting->coordinate_domain;
    problem->cometric = reduction->cometric_expr[0];
    problem->drift = reduction->drift_expr[0];
    /* The loss as it was written, where it was written in the coordinate. */
    problem->loss = setting->loss_in_parameters ? reduction->loss : setting->loss;
    if (!box_is_usable(why, problem))
    {
        return 0;
    }
    if (caustic_flatten(problem->flat, pool, problem->z, problem->domain, problem->cometric, problem->drift,
        given) != CAUSTIC_OK || !caustic_flattening_is_proved(why, problem->flat))
    {
        if (why->length == 0)
        {
            caustic_flattening_is_proved(why, problem->flat);
        }
        return 0;
    }
    kernel_loss = caustic_mul(pool, caustic_number(pool, kernel_factor), problem->loss);
    problem->flat_loss = caustic_substitute(pool, kernel_loss, &problem->z, &problem->flat->inverse, 1);
    if (!caustic_flattening_lower_bound(problem->lower, pool, problem->flat, kernel_loss, problem->domain, problem->flat_loss, NULL))
    {
        caustic_text_append(why, "no lower bound of the loss on the whole line was found");
        return 0;
    }
    roots[0] = problem->flat->map;
    roots[1] = caustic_derivative(pool, problem->flat->map, problem->z);
    problem->map = caustic_tape_new(pool, roots, 2, &problem->z, 1);
    roots[0] = problem->cometric;
    roots[1] = problem->drift;
    problem->equation = caustic_tape_new(pool, roots, 2, &problem->z, 1);
    problem->value = caustic_tape_new(pool, &problem->loss, 1, &problem->z, 1);
    if (problem->map == NULL || problem->equation == NULL || problem->value == NULL)
    {
        caustic_text_append(why, "the loss or the equation depends on something else than the coordinate");
        return 0;
    }
    problem->constant_loss = vanishes_on_chart(problem, caustic_derivative(pool, problem->loss, problem->z));
    problem->zero_drift = vanishes_on_chart(problem, problem->drift);
    problem->zero_loss = vanishes_on_chart(problem, problem->loss);
    return 1;
}

void
undecided(caustic_residual_result_t result, const fmpq_t viscosity, const char * why)
{
    static const char * const names[4] = {"reduction", "hamilton_jacobi_residual", "burgers_residual", "initial_data"};
    outcome_t outcome;
    slong i;

    outcome_init(outcome);
    caustic_text_append(outcome->detail, why);
    for (i = 0; i < 4; i++)
    {
        add_check(result, names[i], viscosity, outcome, "none");
    }
    outcome_clear(outcome);
}

void
refuse(caustic_residual_result_t result, const fmpq * viscosity, caustic_verdict verdict, const char * why)
{
    slong before = result->length;

    undecided(result, viscosity, why);
    for (slong i = before; i < result->length; i++)
        result->entries[i].verdict = verdict;
}

static void
verify_viscosity(caustic_residual_result_t result, problem_t problem, const fmpq_t viscosity,
    truth_t kernel, const char * kernel_witness)
{
    caustic_line_t line;
    outcome_t reduction, hamilton_jacobi, burgers, initial;
    const char * method = "";

    outcome_init(reduction);
    outcome_init(hamilton_jacobi);
    outcome_init(burgers);
    outcome_init(initial);
    fmpq_set(problem->viscosity, viscosity);
    problem->nu = fmpq_get_d(viscosity);
    problem->line = line;
    if (caustic_line_init(line, problem->pool, problem->flat->s, problem->flat_loss, viscosity, problem->lower) != CAUSTIC_OK)
    {
        undecided(result, viscosity, "the viscosity is not positive or the loss depends on something else than the coordinate");
    }
    else
    {
        parameter_space(reduction, &method, problem);
        add_check(result, "reduction", viscosity, reduction, method);
        uniform_residuals(hamilton_jacobi, burgers, problem);
        if (kernel != T_TRUE)
        {
            hamilton_jacobi->verdict = burgers->verdict = kernel == T_FALSE ? CAUSTIC_REFUTED : CAUSTIC_UNDECIDED;
            caustic_text_printf(hamilton_jacobi->detail, "; the kernel does not solve the heat equation identically%s%s",
                kernel == T_FALSE ? ": at " : " (the field could not decide)", kernel_witness);
            caustic_text_printf(burgers->detail, "; the kernel does not solve the heat equation identically%s%s",
                kernel == T_FALSE ? ": at " : " (the field could not decide)", kernel_witness);
        }
        point_residuals(hamilton_jacobi, burgers, result, problem);
        add_check(result, "hamilton_jacobi_residual", viscosity, hamilton_jacobi,
            "exact kernel identity, strip error on polydiscs [HEAT-1] [HEAT-4] [HEAT-9] [RESIDUAL-1]");
        add_check(result, "burgers_residual", viscosity, burgers,
            "exact kernel identity, strip error on polydiscs [HEAT-1] [HEAT-4] [HEAT-9] [RESIDUAL-1]");
        initial_data(initial, result, problem);
        add_check(result, "initial_data", viscosity, initial, "closed bound and computed values [RESIDUAL-4]");
    }
    caustic_line_clear(line);
    problem->line = NULL;
    outcome_clear(reduction);
    outcome_clear(hamilton_jacobi);
    outcome_clear(burgers);
    outcome_clear(initial);
}

void
conclude_checks(caustic_residual_result_t result)
{
    result->verdict = result->length > 0 ? CAUSTIC_PROVED : CAUSTIC_UNDECIDED;
    for (slong i = 0; i < result->length; i++)
    {
        result->verdict = caustic_verdict_and(result->verdict, result->entries[i].verdict);
    }
}

/* Whether the loss has kinks, or may have: then it is taken piece by piece, in flat coordinates. */
static int
has_branches(const problem_t problem)
{
    caustic_expr * arguments;
    slong length = caustic_expr_branch_arguments(&arguments, problem->pool, problem->flat_loss);

    flint_free(arguments);
    return length > 0;
}

void
verify_1d_planted(caustic_residual_result_t result, const caustic_reduction_t reduction,
    caustic_expr given, const caustic_residual_options * options, const fmpq_t kernel_factor)
{
    problem_t problem;
    caustic_text_t why, witness;
    truth_t kernel;
    slong i;

    memset(problem, 0, sizeof(problem_struct));
    caustic_flattening_init(problem->flat);
    arf_init(problem->lower);
    fmpq_init(problem->viscosity);
    caustic_text_init(why);
    caustic_text_init(witness);
    if (!prepare(problem, why, reduction, given, options, kernel_factor))
    {
        for (i = 0; i < options->viscosities; i++)
        {
            undecided(result, options->viscosity + i, why->data);
        }
    }
    else if (has_branches(problem))
    {
        verify_euclidean_planted(result, reduction, given == CAUSTIC_NONE ? NULL : &given, options, kernel_factor);
    }
    else
    {
        kernel = kernel_solves_heat_equation(witness, problem);
        for (i = 0; i < options->viscosities; i++)
        {
            verify_viscosity(result, problem, options->viscosity + i, kernel, witness->data);
        }
    }
    conclude_checks(result);
    caustic_tape_free(problem->map);
    caustic_tape_free(problem->equation);
    caustic_tape_free(problem->value);
    caustic_flattening_clear(problem->flat);
    arf_clear(problem->lower);
    fmpq_clear(problem->viscosity);
    caustic_text_clear(why);
    caustic_text_clear(witness);
}

void
caustic_verify_1d(caustic_residual_result_t result, const caustic_reduction_t reduction,
    caustic_expr given, const caustic_residual_options * options)
{
    fmpq_t one;

    fmpq_init(one);
    fmpq_one(one);
    verify_1d_planted(result, reduction, given, options, one);
    fmpq_clear(one);
}
