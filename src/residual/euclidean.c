/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    euclidean: the checks on flat quotients R^d. Uniform bounds on the whole box, jets at points, altered equations, initial
    data, and the local entropy on parameter space in its own flat coordinates.
*/

#include <string.h>
#include "flat.h"
#include "euclidean.h"

#define PREC 128

typedef struct
{
    flat_t flat;
}
form_struct;

static const form_struct *
form_of(const solution_struct * solution)
{
    return solution->data;
}

static slong
working_precision(const solution_struct * solution)
{
    return 4 * tolerance_digits(solution->options) + PREC;
}

static void
derivatives_of_phi(derivatives_t phi, const solution_struct * solution, arb_srcptr z, const fmpq_t t, slong prec)
{
    arb_t time;

    arb_init(time);
    arb_set_fmpq(time, t, prec);
    /* Before the times of the case the value alone is asked for. */
    flat_derivatives(phi, form_of(solution)->flat, z, time, fmpq_cmp(t, solution->options->time->lower) >= 0, tolerance_digits(solution->options) + 8, prec);
    arb_clear(time);
}

static void
residuals(outcome_t hamilton_jacobi, outcome_t burgers, const solution_t solution)
{
    slong prec = working_precision(solution);

    cover_residuals(hamilton_jacobi, burgers, form_of(solution)->flat, solution->options);
    if (prec > solution->options->precision_limit)
    {
        hamilton_jacobi->verdict = burgers->verdict = CAUSTIC_UNDECIDED;
        caustic_text_printf(hamilton_jacobi->detail, "; the jets need %ld bits, above the precision limit", (long) prec);
        caustic_text_append(burgers->detail, "; as above");
    }
    else if (hamilton_jacobi->verdict == CAUSTIC_PROVED)
        judge_points(hamilton_jacobi, burgers, solution, prec);
}

/* The driver *********************************************************************************/

static void
verify_viscosity(caustic_residual_result_t result, solution_t solution, form_struct * form, const fmpq * viscosity)
{
    static const char * const method = "kernel sums in proved flat coordinates, errors on polydiscs";
    outcome_t reduction, hamilton_jacobi, burgers, initial;
    const char * how = "";
    caustic_text_t why;

    outcome_init(reduction);
    outcome_init(hamilton_jacobi);
    outcome_init(burgers);
    outcome_init(initial);
    caustic_text_init(why);
    solution->viscosity = viscosity;
    if (!flat_set_viscosity(form->flat, why, viscosity))
        undecided(result, viscosity, why->data);
    else
    {
        flat_parameter_space(reduction, &how, solution, form->flat);
        residuals(hamilton_jacobi, burgers, solution);
        if (hamilton_jacobi->verdict != CAUSTIC_REFUTED)
        {
            try_alterations(result, solution);
            flat_initial_data(initial, result, solution, form->flat);
        }
        add_check(result, "reduction", viscosity, reduction, how);
        add_check(result, "hamilton_jacobi_residual", viscosity, hamilton_jacobi, method);
        add_check(result, "burgers_residual", viscosity, burgers, method);
        add_check(result, "initial_data", viscosity, initial, "closed bound and computed values");
    }
    outcome_clear(reduction);
    outcome_clear(hamilton_jacobi);
    outcome_clear(burgers);
    outcome_clear(initial);
    caustic_text_clear(why);
}

/* Whether e, in the coordinates, vanishes identically. */
static int
vanishes(const caustic_reduction_t reduction, caustic_expr e)
{
    gr_ctx_struct * field = (gr_ctx_struct *) reduction->downstairs;
    gr_ptr x;
    int zero;

    GR_TMP_INIT(x, field);
    zero = e != CAUSTIC_NONE && caustic_field_set_expr(x, e, field) == GR_SUCCESS
        && caustic_field_is_zero(x, NULL, field) == T_TRUE;
    GR_TMP_CLEAR(x, field);
    return zero;
}

/* Everything that does not depend on the viscosity. Returns 0 with the reason. */
static int
prepare(solution_t solution, form_struct * form, caustic_text_t why, const caustic_reduction_t reduction,
    const caustic_expr * given, const caustic_residual_options * options, const fmpq_t kernel_factor)
{
    const caustic_setting_struct * setting = reduction->setting;
    slong d = setting->coordinates;
    caustic_expr loss, kernel_loss;

    solution_init(solution, reduction, options);
    solution->data = form;
    solution->derivatives = derivatives_of_phi;
    /* The loss as it was written, where it was written in the coordinates. */
    loss = setting->loss_in_parameters ? reduction->loss : setting->loss;
    kernel_loss = caustic_mul(setting->pool, caustic_number(setting->pool, kernel_factor), loss);

    if (!flat_init(form->flat, why, setting->pool, setting->coordinate, setting->coordinate_domain, d,
            reduction->cometric_expr, reduction->drift_expr, given, kernel_loss, "s"))
        return 0;
    if (!box_is_bounded(options, setting))
        caustic_text_append(why, "the box is not a bounded part of the coordinates' domains and of positive times");
    else if (solution->equations->tape == NULL)
        caustic_text_append(why, "the equations could not be written");
    else if (fmpq_sgn(options->tolerance) <= 0)
        caustic_text_append(why, "the tolerance is not positive");
    solution->constant = 1;
    for (slong i = 0; i < d && solution->constant; i++)
        solution->constant = vanishes(reduction, caustic_derivative(setting->pool, loss, setting->coordinate[i]));
    return why->length == 0;
}

void
verify_euclidean_planted(caustic_residual_result_t result, const caustic_reduction_t reduction, const caustic_expr * given,
    const caustic_residual_options * options, const fmpq_t kernel_factor)
{
    solution_t solution;
    form_struct form;
    caustic_text_t why;
    int usable;

    memset(&form, 0, sizeof(form));
    caustic_text_init(why);
    usable = prepare(solution, &form, why, reduction, given, options, kernel_factor);
    for (slong i = 0; i < options->viscosities; i++)
    {
        if (usable)
            verify_viscosity(result, solution, &form, options->viscosity + i);
        else
            undecided(result, options->viscosity + i, why->data);
    }
    conclude_checks(result);

    solution_clear(solution);
    flat_clear(form.flat);
    caustic_text_clear(why);
}

void
caustic_verify_euclidean(caustic_residual_result_t result, const caustic_reduction_t reduction, const caustic_expr * given,
    const caustic_residual_options * options)
{
    fmpq_t one;

    fmpq_init(one);
    fmpq_one(one);
    verify_euclidean_planted(result, reduction, given, options, one);
    fmpq_clear(one);
}
